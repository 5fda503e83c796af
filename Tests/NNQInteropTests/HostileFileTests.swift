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

@Suite struct HostileFileTests {
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
