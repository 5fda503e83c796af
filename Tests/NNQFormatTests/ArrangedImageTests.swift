// SPDX-License-Identifier: Apache-2.0
import NNQFiles
import NNQTestSupport
import Testing

@testable import NNQFormat

@Suite struct ArrangedImageTests {
  /// Two rows of 5 weights; the second is bounded by what cortex-m4 allows.
  private func image(shift: Int = 40, inputs: Int = 5, weight: Int8 = -127) throws -> FlatImage {
    let factor = try #require(FixedPointMultiplier(multiplier: 1 << 30, shift: shift))
    let weights = [Int8](repeating: 3, count: inputs) + [Int8](repeating: weight, count: inputs)
    let layer = FlatImage.Layer(
      inputs: inputs, outputs: 2, activation: .identity, outputWidth: .eight, zeroPoint: 0,
      lowest: -128, highest: 127, bias: [7, -9], factors: [factor, factor], weights: weights)
    let output = FlatImage.Output(origin: 0, multiplier: 1 << 30, exponent: -30)
    return FlatImage(
      inputs: inputs, inputWidth: .eight, layers: [layer], task: .regression, probability: nil,
      outputs: [output, output])
  }

  /// The data of the only layer: after the header, a section's head, the network's head and a record.
  private func data(_ image: ArrangedImage, count: Int) -> [UInt8] {
    Array(image.bytes[(16 + 8 + 8 + 24)...].prefix(count))
  }

  @Test("portable is the flat image")
  func portable() throws {
    let image = try image()
    let arranged = try ArrangedImage(image, for: .portable)
    #expect(arranged.bytes == (try image.serialized()))
    #expect(arranged.arranged == [false])
    #expect(arranged.extraArenaBytes == 0)
  }

  @Test("cortex-m4 holds two rows in a halfword, columns 0, 2, 1, 3")
  func pairs() throws {
    let arranged = try ArrangedImage(image(), for: .cortexM4)
    #expect(arranged.bytes[6] == 1)
    #expect(arranged.bytes[16 + 8 + 8 + 5] == 1)
    #expect(arranged.arranged == [true])
    #expect(arranged.extraArenaBytes == 16)
    var expected = ByteWriter()
    for bias: Int32 in [7, 0] { expected.integer(bias) }
    let pair = Int16(256 * -127 + 3)
    for block in [[pair, pair, pair, pair], [pair, 0, 0, 0]] {
      for halfword in block { expected.integer(halfword) }
      expected.zeros(8)
    }
    for value: Int32 in [-9, 0, 1 << 30, 1 << 30, 1 << 30, 1 << 30] { expected.integer(value) }
    expected.append([7, 7, 0, 0])
    #expect(data(arranged, count: expected.bytes.count) == expected.bytes)
  }

  @Test("cortex-m55 holds sixteen columns of each row")
  func quads() throws {
    let arranged = try ArrangedImage(image(), for: .cortexM55)
    #expect(arranged.bytes[6] == 2)
    #expect(arranged.extraArenaBytes == 0)
    var expected = ByteWriter()
    for bias: Int32 in [7, -9, 0, 0] { expected.integer(bias) }
    for weight: Int8 in [3, -127] {
      for _ in 0..<5 { expected.integer(weight) }
      expected.zeros(11)
    }
    expected.zeros(32)
    for _ in 0..<4 { expected.integer(Int32(1 << 30)) }
    for shift: Int8 in [-8, -8, -1, -1] { expected.integer(shift) }
    #expect(data(arranged, count: expected.bytes.count) == expected.bytes)
  }

  @Test("a layer whose bounds are not proven stays as it is")
  func unproven() throws {
    #expect(try ArrangedImage(image(shift: 33), for: .cortexM55).arranged == [true])
    #expect(try ArrangedImage(image(shift: 32), for: .cortexM55).arranged == [false])
    // 515 * 127 = 65,405; 517 * 127 = 65,659.
    #expect(try ArrangedImage(image(inputs: 515), for: .cortexM4).arranged == [true])
    #expect(try ArrangedImage(image(inputs: 517), for: .cortexM4).arranged == [false])
    #expect(try ArrangedImage(image(inputs: 517), for: .cortexM55).arranged == [true])
    let plain = try ArrangedImage(image(shift: 32), for: .cortexM4)
    #expect(plain.extraArenaBytes == 0)
    var hash = SHA256()
    hash.update(try image(shift: 32).serialized())
    #expect(plain.bytes.suffix(32) == hash.digest()[...])
  }

  @Test("a reader of flat images names the layout")
  func refused() throws {
    let arranged = try ArrangedImage(image(), for: .cortexM4)
    #expect(throws: ModelFormatError.arranged(.cortexM4)) {
      try FlatImage(parsing: arranged.bytes)
    }
  }
}
