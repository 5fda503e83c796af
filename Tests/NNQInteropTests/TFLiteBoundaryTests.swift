// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import Testing

@testable import NNQInterop

/// Networks of int8 codes between uint8 codes, as converters write them on demand.
@Suite struct TFLiteBoundaryTests {
  @Test("uint8 at the ends leaves the int8 model as it is", arguments: [false, true])
  func sameModel(endsInSoftmax: Bool) throws {
    let plain = try model(file(outer: nil, endsInSoftmax: endsInSoftmax))
    let shifted = try model(file(outer: .uint8, endsInSoftmax: endsInSoftmax))
    #expect(shifted == plain)
    #expect(shifted.input.map(\.zeroPoint) == [-3, -3])
    #expect(shifted.task.kind == (endsInSoftmax ? .multiclass : .regression))
  }

  @Test(
    "a change of scale or a shift by other than 128 at an end is refused",
    arguments: [
      Ends(scale: 0.25), Ends(zeroPoint: 124), Ends(zeroPoint: -3), Ends(madeScale: 0.5),
      Ends(madeZeroPoint: 131),
    ])
  func otherSteps(ends: Ends) {
    let name = ends.isInputAsInt8 ? "v" : "u"
    #expect(throws: refusal(name, "UINT8")) { try model(file(outer: .uint8, ends)) }
  }

  @Test(
    "another type at the ends is refused by its name",
    arguments: [TFLiteType.int16, .uint32, .float64, .bool, .int4])
  func otherTypes(type: TFLiteType) {
    #expect(throws: refusal("u", type.name)) { try model(file(outer: type)) }
    #expect(TFLiteType.float.name == "FLOAT32")
    #expect(TFLiteType.bfloat16.rawValue == 18)
  }

  @Test("uint8 codes within the network are refused")
  func within() {
    var writer = TFLiteWriter()
    let input = writer.tensor("x", .uint8, shape: [1, 2], scales: [0.5], zeroPoint: 125)
    let output = writer.tensor("y", .uint8, shape: [1, 2], scales: [0.25], zeroPoint: 132)
    layer(from: input, to: output, &writer)
    let node = InteropError.Node(name: "y", operation: "FULLY_CONNECTED")
    #expect(throws: InteropError.unsupportedUse(node, .type("UINT8"))) {
      try model(writer.file(input: input, output: output))
    }
  }

  // MARK: -

  /// How the outer codes stand for values; those inside have 0.5 and -3, then 0.25 and 4.
  struct Ends: Sendable {
    var scale: Float = 0.5
    var zeroPoint = 125
    var madeScale: Float = 0.25
    var madeZeroPoint = 132

    var isInputAsInt8: Bool { scale == 0.5 && zeroPoint == 125 }
  }

  private func refusal(_ name: String, _ type: String) -> InteropError {
    .unsupportedUse(.init(name: name, operation: "QUANTIZE"), .type(type))
  }

  /// A layer of int8 codes, with a QUANTIZE from and to another type at its ends.
  private func file(
    outer: TFLiteType?, _ ends: Ends = Ends(), endsInSoftmax: Bool = false
  ) -> [UInt8] {
    var writer = TFLiteWriter()
    let taken = writer.tensor("u", .int8, shape: [1, 2], scales: [0.5], zeroPoint: -3)
    var input = taken
    if let outer {
      input = writer.tensor(
        "x", outer, shape: [1, 2], scales: [ends.scale], zeroPoint: ends.zeroPoint)
      writer.node(.quantize, [input], output: taken, version: 2)
    }
    var output = writer.tensor("y", .int8, shape: [1, 2], scales: [0.25], zeroPoint: 4)
    layer(from: taken, to: output, &writer)
    var (scale, zeroPoint) = (ends.madeScale, ends.madeZeroPoint)
    if endsInSoftmax {
      (scale, zeroPoint) = (1 / 256, 0)
      let shares = writer.tensor(
        "s", .int8, shape: [1, 2], scales: [scale], zeroPoint: -128)
      writer.node(.softmax, [output], output: shares, version: 2, .softmax)
      output = shares
    }
    if let outer {
      let given = writer.tensor(
        "v", outer, shape: [1, 2], scales: [scale], zeroPoint: zeroPoint)
      writer.node(.quantize, [output], output: given, version: 2)
      output = given
    }
    return writer.file(input: input, output: output)
  }

  private func layer(from taken: Int, to made: Int, _ writer: inout TFLiteWriter) {
    let weights = writer.tensor(
      "w", .int8, shape: [2, 2], content: [3, 0xF9, 100, 0x81], scales: [0.5])
    writer.node(
      .fullyConnected, [taken, weights, -1], output: made, version: 4, .fullyConnected(.none))
  }

  private func model(_ file: [UInt8]) throws -> Int8Model {
    guard case .int8(let model) = try Model(importing: file, ImportSettings()) else {
      throw InteropError.unknownFormat
    }
    return model
  }
}
