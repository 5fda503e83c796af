// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQTestSupport
import Testing

@testable import NNQInterop

/// Small files of each format that are taken as they stand.
private let smallFiles: [(name: String, bytes: [UInt8])] = [
  ("onnx", smallFile { try $0.onnx() }),
  ("tflite", smallFile { try $0.tflite() }),
  ("int8 tflite", smallInt8File()),
  ("int8 onnx", smallCodesFile()),
]

/// A float model of three layers in a foreign format; empty, so that the tests fail, if it is not
/// written.
private func smallFile(_ export: (FloatModel) throws -> [UInt8]) -> [UInt8] {
  (try? export(sampleFloatModel(.regression, widths: [2, 3, 1], rows: 2, seed: 1))) ?? []
}

/// A layer of two weights with a table behind it.
private func smallInt8File() -> [UInt8] {
  var writer = TFLiteWriter()
  let input = writer.tensor("x", .int8, shape: [1, 2], scales: [0.5], zeroPoint: -3)
  let hidden = writer.tensor("h", .int8, shape: [1, 1], scales: [0.25], zeroPoint: 4)
  let output = writer.tensor("y", .int8, shape: [1, 1], scales: [1 / 128])
  let weights = writer.tensor("w", .int8, shape: [1, 2], content: [3, 0xF9], scales: [0.5])
  let bias = writer.tensor("b", .int32, shape: [1], content: [7, 0, 0, 0], scales: [0.25])
  writer.node(
    .fullyConnected, [input, weights, bias], output: hidden, version: 4, .fullyConnected(.relu))
  writer.node(.tanh, [hidden], output: output, version: 2)
  return writer.file(input: input, output: output)
}

/// A layer of two weights between QuantizeLinear and DequantizeLinear, and a table behind it.
private func smallCodesFile() -> [UInt8] {
  guard case .int8(let model)? = try? Model(importing: smallInt8File(), ImportSettings()) else {
    return []
  }
  return (try? model.onnx().bytes) ?? []
}

@Suite struct HostileFileTests {
  @Test("dimensions beyond all memory are refused by the tensor's name")
  func hugeDimensions() {
    for size in [1 << 20, 1 << 31, Int.max] {
      var graph = ONNXWriter()
      let w = graph.constant("w", .float, shape: [size, size], [0, 0, 0, 0])
      let y = graph.node("MatMul", ["x", w])
      let found = min(size, Int.max)
      #expect(throws: InteropError.wrongTensor("w", shape: [found, found])) {
        try Model(
          importing: graph.file(input: "x", inputs: 3, outputs: [(y, 1)]), ImportSettings())
      }
    }
    var writer = TFLiteWriter()
    let input = writer.tensor("x", .float, shape: [1, 2])
    let output = writer.tensor("y", .float, shape: [1, 2])
    let huge = Int(Int32.max)
    let weights = writer.tensor("w", .float, shape: [huge, huge], content: [0, 0, 0, 0])
    writer.node(.fullyConnected, [input, weights, -1], output: output, .fullyConnected(.none))
    #expect(throws: InteropError.wrongTensor("w", shape: [huge, huge])) {
      try Model(importing: writer.file(input: input, output: output), ImportSettings())
    }
  }

  @Test("a chain of operators on constants is refused where it makes too many numbers")
  func foldedConstants() {
    var graph = ONNXWriter()
    let size = 1024
    var w = graph.constant(
      "w", .int8, shape: [size, size], [UInt8](repeating: 1, count: size * size))
    for _ in 0..<17 { w = graph.node("Transpose", [w], [("perm", .integers([1, 0]))]) }
    let y = graph.node("MatMul", ["x", w])
    let file = graph.file(input: "x", inputs: size, outputs: [(y, size)])
    #expect(
      throws: InteropError.tooLarge(
        "numbers made of constants", found: 17 << 20, limit: InteropLimit.folded)
    ) { try Model(importing: file, ImportSettings()) }
  }

  @Test("names that are cut, no UTF-8, equal or equal but for their bytes are never taken as one")
  func names() {
    func file(_ names: [[UInt8]]) -> [UInt8] {
      var model = ProtobufWriter()
      model.message(7) { graph in
        for name in names {
          graph.message(5) {
            $0.integer(2, 6)
            $0.bytes(1, [0])
            $0.bytes(8, name)
          }
        }
      }
      model.message(8) { $0.integer(2, 17) }
      return model.bytes
    }
    for (first, second) in [("w", "w"), ("\u{E9}", "e\u{301}")] {
      #expect(throws: InteropError.badName(setting: "initializer", name: second)) {
        try Model(importing: file([Array(first.utf8), Array(second.utf8)]), ImportSettings())
      }
    }
    let long = [UInt8](repeating: 0x61, count: 300)
    #expect(throws: InteropError.wrongEnds(inputs: 0, outputs: 0)) {
      try Model(importing: file([long + [0x62], long + [0x63]]), ImportSettings())
    }
    let longest = [UInt8](repeating: 0x61, count: InteropLimit.key + 1)
    #expect(
      throws: InteropError.tooLarge(
        "bytes of a name", found: longest.count, limit: InteropLimit.key)
    ) { try Model(importing: file([longest]), ImportSettings()) }
    #expect(throws: InteropError.self) {
      try Model(importing: file([[0xFF]]), ImportSettings())
    }
  }

  @Test("packed dimensions are counted before they are kept")
  func packedDimensions() {
    var model = ProtobufWriter()
    model.message(7) { graph in
      graph.message(5) { $0.bytes(1, [UInt8](repeating: 1, count: 9)) }
    }
    model.message(8) { $0.integer(2, 17) }
    #expect(
      throws: InteropError.tooLarge("dimensions", found: 9, limit: InteropLimit.dimensions)
    ) { try Model(importing: model.bytes, ImportSettings()) }
  }

  @Test("graphs nested in one another are not entered, and the operator that holds them is named")
  func nesting() {
    var inner: [UInt8] = []
    for _ in 0..<2000 {
      var graph = ProtobufWriter()
      graph.message(1) { node in
        node.text(4, "If")
        node.message(5) { $0.bytes(6, inner) }
      }
      inner = graph.bytes
    }
    var model = ProtobufWriter()
    model.message(7) { graph in
      graph.message(1) { node in
        node.text(1, "x")
        node.text(2, "y")
        node.text(4, "If")
        node.message(5) {
          $0.text(1, "then_branch")
          $0.bytes(6, inner)
        }
      }
      graph.message(11) { $0.text(1, "x") }
      graph.message(12) { $0.text(1, "y") }
    }
    model.message(8) { $0.integer(2, 17) }
    #expect(throws: InteropError.unsupportedOperator(.init(name: "y", operation: "If"))) {
      try Model(importing: model.bytes, ImportSettings())
    }
  }

  @Test("every truncation is refused or read, without a trap", arguments: smallFiles.indices)
  func truncations(index: Int) throws {
    let (_, bytes) = smallFiles[index]
    _ = try Model(importing: bytes, ImportSettings())
    for count in 0..<bytes.count { tryImport(Array(bytes[..<count])) }
  }

  @Test("every 1-bit flip is refused or read, without a trap", arguments: smallFiles.indices)
  func flips(index: Int) {
    var (_, bytes) = smallFiles[index]
    for bit in 0..<bytes.count * 8 {
      bytes[bit / 8] ^= 1 << (bit % 8)
      tryImport(bytes)
      bytes[bit / 8] ^= 1 << (bit % 8)
    }
  }

  @Test("bytes set to extremes and random bytes end in an error or a model")
  func random() {
    var random = TestRandom(seed: 11)
    for (_, bytes) in smallFiles {
      for _ in 0..<3000 {
        var changed = bytes
        for _ in 0..<Int.random(in: 1...6, using: &random) {
          let place = Int.random(in: 0..<changed.count, using: &random)
          changed[place] = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &random) ?? 0
        }
        tryImport(changed)
      }
    }
    for _ in 0..<3000 {
      let count = Int.random(in: 0..<200, using: &random)
      tryImport((0..<count).map { _ in UInt8.random(in: 0...255, using: &random) })
    }
  }

  /// Any answer will do but a trap.
  private func tryImport(_ bytes: [UInt8]) { _ = try? Model(importing: bytes, ImportSettings()) }
}
