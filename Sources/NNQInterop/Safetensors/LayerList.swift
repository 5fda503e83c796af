// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// What a file of weights alone does not say: which tensors make which layer.
///
/// A line for each dense layer: the name of its weights, `[outputs][inputs]`, the name of its bias or
/// `-`, and the activation behind it, for example `relu` or `leaky-relu=0.1`. The last one may be
/// `softmax`. What follows a `#` is a comment.
///
/// ```
/// net.0.weight  net.0.bias  relu
/// net.2.weight  net.2.bias  softmax
/// ```
public struct LayerList: Equatable, Sendable {
  struct Line: Equatable, Sendable {
    var weights: String
    var bias: String?
    /// Nil for a softmax.
    var activation: Activation?
  }

  let lines: [Line]

  /// - Throws: ``InteropError/badLayerLine(line:found:)``, ``InteropError/noLayers``.
  public init(parsing text: String) throws(InteropError) {
    var lines: [Line] = []
    for (index, row) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let words = row.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace).map(String.init)
      if words.isEmpty { continue }
      guard lines.count < FormatLimit.layers else {
        throw .tooLarge("layers", found: lines.count + 1, limit: FormatLimit.layers)
      }
      let isAfterSoftmax = lines.last.map { $0.activation == nil } ?? false
      guard (2...3).contains(words.count), !isAfterSoftmax,
        let activation = Self.activation(words.count == 3 ? words[2] : "identity")
      else { throw .badLayerLine(line: index + 1, found: foreignText(Array(row.utf8)[...])) }
      lines.append(
        Line(
          weights: words[0], bias: words[1] == "-" ? nil : words[1], activation: activation.value))
    }
    guard !lines.isEmpty else { throw .noLayers }
    self.lines = lines
  }

  /// An activation by its name, without a value for softmax; nil for an unknown name.
  private static func activation(_ name: String) -> (value: Activation?, Void)? {
    if name == "softmax" { return (nil, ()) }
    let parts = name.split(separator: "=", omittingEmptySubsequences: false)
    guard let kind = Activation.Kind.allCases.first(where: { $0.name == parts[0] }) else {
      return nil
    }
    if parts.count == 1 { return (Activation(kind), ()) }
    guard parts.count == 2, kind == .leakyRelu, let slope = Float(parts[1]), slope.isFinite else {
      return nil
    }
    return (Activation(kind, slope: slope), ())
  }
}

extension ImportedNetwork {
  /// The network that a list of layers makes of a safetensors file.
  init(_ file: [UInt8], _ list: LayerList) throws(InteropError) {
    let tensors = try SafetensorsFile(file)
    self.init(folding: LayerFolding(), tail: .none)
    for line in list.lines {
      let weights = try tensors.tensor(line.weights)
      let node = InteropError.Node(name: line.weights, operation: "dense")
      guard weights.shape.count == 2, let values = weights.floats else {
        throw .unsupportedUse(node, .shape(found: weights.shape, expected: []))
      }
      var bias: [Float]?
      if let name = line.bias {
        let tensor = try tensors.tensor(name)
        guard tensor.shape == [weights.shape[0]] else {
          throw .unsupportedUse(
            InteropError.Node(name: name, operation: "bias"),
            .shape(found: tensor.shape, expected: [weights.shape[0]]))
        }
        bias = tensor.floats
      }
      try folding.dense(
        values, inputs: weights.shape[1], outputs: weights.shape[0], bias: bias, node)
      switch line.activation {
      case nil: tail = .softmax
      case .identity?: break
      case let activation?: try folding.activation(activation, node)
      }
    }
  }
}
