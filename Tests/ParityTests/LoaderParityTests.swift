// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQReference
import NNQRuntime
import NNQTestSupport
import Testing

/// Two readers, written apart from one specification, must agree on what is a model.
@Suite struct LoaderParityTests {
  private func image(_ seed: UInt64) -> FlatImage {
    var random = TestRandom(seed: seed)
    let kind = ModelTask.Kind.allCases[Int(seed) % 5]
    let outputs = kind == .binary ? 1 : kind == .anomaly ? 3 : 2
    var image = sampleImage(
      widths: [3, 4, outputs], input: seed.isMultiple(of: 2) ? .eight : .sixteen,
      output: seed.isMultiple(of: 3) ? .sixteen : .eight, task: kind,
      hasTables: true, random: &random)
    image.selfTests = [
      FlatImage.SelfTest(
        input: [1, -2, 3], output: Array(repeating: 5, count: outputs), digests: [1, 2])
    ]
    return image
  }

  /// Puts the right checksum over damaged bytes, so that the fields themselves are judged.
  private func repaired(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    let crc = crc32c(bytes[..<12] + bytes[16...])
    for index in 0..<4 { bytes[12 + index] = UInt8(truncatingIfNeeded: crc >> UInt32(8 * index)) }
    return bytes
  }

  @Test("both refuse every 1-bit flip", arguments: 0..<5)
  func flips(seed: UInt64) throws {
    var bytes = try image(seed).serialized()
    for bit in 0..<bytes.count * 8 {
      bytes[bit / 8] ^= 1 << (bit % 8)
      #expect(throws: RuntimeFault.self) { _ = try FirmwareRuntime(image: bytes) }
      #expect(throws: ModelFormatError.self) { _ = try FlatImage(parsing: bytes) }
      bytes[bit / 8] ^= 1 << (bit % 8)
    }
  }

  @Test("both refuse every truncation and extension", arguments: 0..<5)
  func lengths(seed: UInt64) throws {
    let bytes = try image(seed).serialized()
    let cut = (0..<bytes.count).map { Array(bytes[..<$0]) }
    let extended = (1...64).map { bytes + [UInt8](repeating: 0, count: $0) }
    for wrong in cut + extended {
      #expect(throws: RuntimeFault.self) { _ = try FirmwareRuntime(image: wrong) }
      #expect(throws: ModelFormatError.self) { _ = try FlatImage(parsing: wrong) }
    }
  }

  @Test(
    "with the checksum repaired both take or both refuse, and what is taken runs alike",
    arguments: 0..<10)
  func repairedFlips(seed: UInt64) throws {
    let good = try image(seed).serialized()
    var random = TestRandom(seed: 3_000 + seed)
    var taken = 0
    for bit in 0..<good.count * 8 {
      var bytes = good
      bytes[bit / 8] ^= 1 << (bit % 8)
      taken += try compare(repaired(bytes), bit, &random)
    }
    for trial in 0..<3_000 {
      var bytes = good
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        bytes[Int.random(in: 16..<bytes.count, using: &random)] =
          [
            0, 1, 0x7F, 0x80, 0xFF, UInt8.random(in: .min ... .max, using: &random),
          ].randomElement(using: &random) ?? 0
      }
      taken += try compare(repaired(bytes), trial, &random)
    }
    // Weights and biases have many legal values, so a test in which nothing is taken tests nothing.
    #expect(taken > 100)
  }

  /// 1 when both readers take the bytes.
  private func compare(_ bytes: [UInt8], _ trial: Int, _ random: inout TestRandom) throws -> Int {
    var image: FlatImage?
    var refusal: ModelFormatError?
    do throws(ModelFormatError) { image = try FlatImage(parsing: bytes) } catch { refusal = error }
    var runtime: FirmwareRuntime
    do throws(RuntimeFault) {
      runtime = try FirmwareRuntime(image: bytes)
    } catch {
      #expect(image == nil, "trial \(trial): only Swift takes it, C says \(error.name)")
      return 0
    }
    guard let image else {
      Issue.record("trial \(trial): only C takes it, Swift says \(String(describing: refusal))")
      return 0
    }
    let codes = sampleCodes(4, inputs: image.inputs, width: image.inputWidth, random: &random)
    for row in codes {
      let output = runtime.run(row)
      #expect(output == Int8Inference(image).run(row), "trial \(trial)")
    }
    #expect(try image.serialized() == bytes, "trial \(trial): encode(decode(x)) == x")
    return 1
  }
}
