// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQTestSupport
import Testing

@testable import NNQInterop

@Suite struct SafetensorsTests {
  private let list = """
    # name of weights, bias, activation
    net.0.weight  net.0.bias  leaky-relu=0.25
    net.2.weight  -           softmax
    """

  @Test("a list of layers makes a network of the tensors it names, of any float type")
  func network() throws {
    let model = try imported(list, file())
    #expect(
      model.layers == [
        .init(
          inputs: 3, outputs: 2, weights: [1, 2, 3, -0.5, 0.25, 8], bias: [1.5, -2],
          activation: .leakyRelu(slope: 0.25)),
        .init(
          inputs: 2, outputs: 2, weights: [1, -1, 0.5, 2], bias: [0, 0], activation: .identity),
      ])
    #expect(model.task.kind == .multiclass)
  }

  @Test("half precision is read exactly, its smallest and largest numbers too")
  func halves() {
    let bits: [(UInt16, Float)] = [
      (0x3C00, 1), (0xC000, -2), (0x0001, 0x1p-24), (0x03FF, 0x1.ff8p-15), (0x0400, 0x1p-14),
      (0x7BFF, 65504), (0x3555, 0x1.554p-2), (0x7C00, .infinity),
    ]
    for (bits, value) in bits { #expect(Float(binary16: bits) == value) }
    #expect(Float(binary16: 0x7E00).isNaN)
    #expect(Float(brain: 0xC040) == -3)
  }

  @Test("errors name the tensor or the line and the fact")
  func refusals() throws {
    #expect(throws: InteropError.noLayerList) {
      try Model(importing: file(), ImportSettings())
    }
    #expect(throws: InteropError.missingTensor("net.9.weight")) {
      try imported("net.9.weight - relu", file())
    }
    #expect(throws: InteropError.badLayerLine(line: 2, found: "net.2.weight - swish")) {
      try imported("net.0.weight net.0.bias relu\nnet.2.weight - swish", file())
    }
    #expect(throws: InteropError.badLayerLine(line: 2, found: "b -")) {
      try imported("a - softmax\nb -", file())
    }
    #expect(throws: InteropError.noLayers) { try imported("# nothing\n\n", file()) }
    #expect(throws: InteropError.unsupportedElements(tensor: "net.0.weight", found: "I8")) {
      try imported(list, file(replacing: "\"F32\"", with: "\"I8\""))
    }
    #expect(throws: InteropError.wrongTensor("net.0.weight", shape: [2, 4])) {
      try imported(list, file(replacing: "[2,3]", with: "[2,4]"))
    }
    #expect(throws: InteropError.wrongTensor("net.0.weight", shape: [2, 3])) {
      try imported(list, file(replacing: "[0,24]", with: "[0,99]"))
    }
    #expect(throws: InteropError.wrongTensor("net.0.weight", shape: [2, 3])) {
      try imported(list, file(replacing: "[0,24]", with: "[9,3]"))
    }
    #expect(throws: InteropError.badName(setting: "tensors", name: "net.0.weight")) {
      try imported(list, file(replacing: "net.0.bias", with: "net.0.weight"))
    }
    let wrongBias = "net.0.weight net.2.weight relu"
    #expect(
      throws: InteropError.unsupportedUse(
        .init(name: "net.2.weight", operation: "bias"), .shape(found: [2, 2], expected: [2]))
    ) { try imported(wrongBias, file()) }
  }

  @Test("every truncation and every 1-bit flip is refused or read, without a trap")
  func hostile() throws {
    let list = try LayerList(parsing: list)
    var bytes = file()
    for count in 0..<bytes.count {
      _ = try? Model(importing: Array(bytes[..<count]), ImportSettings(), layers: list)
    }
    for bit in 0..<bytes.count * 8 {
      bytes[bit / 8] ^= 1 << (bit % 8)
      _ = try? Model(importing: bytes, ImportSettings(), layers: list)
      bytes[bit / 8] ^= 1 << (bit % 8)
    }
  }

  @Test("a header of nested brackets and one of huge numbers are refused at once")
  func deep() throws {
    for text in [
      String(repeating: "{\"a\":", count: 5000),
      "{\"a\":{\"shape\":" + String(repeating: "[", count: 5000),
      "{\"a\":{\"dtype\":\"F32\",\"shape\":[9223372036854775807,2],\"data_offsets\":[0,0]}}",
      "{\"a\":{\"dtype\":\"F32\",\"shape\":[99999999999999999999],\"data_offsets\":[0,0]}}",
      "{\"a\":{\"dtype\":\"\\u00",
    ] {
      let header = Array(text.utf8)
      let bytes = littleEndianBytes([UInt64(header.count)]) + header
      #expect(throws: InteropError.self) { try imported("a - relu", bytes) }
    }
  }

  // MARK: -

  private func imported(_ list: String, _ file: [UInt8]) throws -> FloatModel {
    guard
      case .float(let model) = try Model(
        importing: file, ImportSettings(), layers: try LayerList(parsing: list))
    else { throw InteropError.unknownFormat }
    return model
  }

  /// Weights in binary32, a bias in binary16, and weights in bfloat16.
  private func file(replacing old: String = "", with new: String = "") -> [UInt8] {
    var header = """
      {"__metadata__":{"format":"pt"},
      "net.0.weight":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},
      "net.0.bias":{"dtype":"F16","shape":[2],"data_offsets":[24,28]},
      "net.2.weight":{"dtype":"BF16","shape":[2,2],"data_offsets":[28,36]}}
      """
    if let range = header.firstRange(of: old), !old.isEmpty {
      header.replaceSubrange(range, with: new)
    }
    let weights: [Float] = [1, 2, 3, -0.5, 0.25, 8]
    let numbers =
      littleEndianBytes(weights.map(\.bitPattern))
      + littleEndianBytes([0x3E00, 0xC000] as [UInt16])
      + littleEndianBytes([0x3F80, 0xBF80, 0x3F00, 0x4000] as [UInt16])
    return littleEndianBytes([UInt64(header.utf8.count)]) + Array(header.utf8) + numbers
  }
}
