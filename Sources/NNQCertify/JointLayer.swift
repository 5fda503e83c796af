// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// A layer of both networks.
struct JointLayer {
  let index: Int
  let image: FlatImage
  let float: FloatModel.Layer
  /// What the codes that the layer hands on stand for.
  let tensor: Int8Model.Tensor
  let ranges: CodeRanges
  /// The most coefficients of a tensor's forms; beyond, intervals go on alone.
  let coefficients: Int

  /// Beyond this a certificate would take gigabytes.
  static let coefficientLimit = 1 << 26
  /// Beyond this many products of a layer it would take minutes.
  static let productLimit = 1 << 36

  var layer: FlatImage.Layer { image.layers[index] }

  /// What the layer hands on.
  ///
  /// - Parameter tensors: the input and what each layer before this one hands on.
  /// - Throws: ``CertificationError`` for what is not covered.
  func enclosure(_ tensors: [TensorEnclosure]) throws(CertificationError) -> TensorEnclosure {
    var input = tensors[index]
    if let forms = input.forms {
      let size = layer.outputs * (forms.coefficients + 2 * layer.outputs)
      if size > coefficients || size > Self.productLimit / layer.inputs { input.forms = nil }
    }
    switch (layer.operation, float.operation) {
    case (.dense(let dense), .dense(let weights, let bias)):
      let rows = LinearRows(
        dense, weights: weights, bias: bias, of: input.meaning, step: try ownStep())
      return try activated(LayerSums(rows, input), step: rows.step)
    case (.layerNorm(let norm), .layerNorm(let gamma, let beta, let epsilon)):
      let rows = NormRows(
        norm, gamma: gamma, beta: beta, epsilon: epsilon, of: input.meaning, step: try ownStep())
      guard let rows else { throw .notCovered(layer: index, .otherCodes) }
      return try activated(LayerSums(rows, input), step: rows.step)
    case (.add(let add), .add(let source)):
      guard add.source == source else { throw .otherShape(layer: index) }
      let rows = AddRows(
        add, of: input.meaning, tensors[source].meaning, step: try ownStep())
      return try activated(LayerSums(rows, input, tensors[source]), step: rows.step)
    case (.gate(let gate), .gate):
      let halves = GateHalves(
        gate, layer, float.activation, input,
        codes: ranges.tensors[index], width: image.inputWidth(ofLayer: index), step: tensor.scale)
      guard let halves else { throw .notCovered(layer: index, .otherCodes) }
      return try activated(LayerSums(halves), step: tensor.scale, .identity)
    default: throw .otherShape(layer: index)
    }
  }

  /// What a requantized code stands for where it is what the layer hands on; nil ahead of a table,
  /// where the model does not say.
  func ownStep() throws(CertificationError) -> Double? {
    if layer.table != nil { return nil }
    guard float.activation.isPiecewiseLinear else {
      throw .notCovered(layer: index, .functionWithoutTable)
    }
    return tensor.scale
  }

  /// What the layer hands on for its sums.
  ///
  /// - Parameter function: nil is that of the float layer.
  func activated(
    _ sums: LayerSums, step: Double, _ function: Activation? = nil
  ) throws(CertificationError) -> TensorEnclosure {
    let function = function ?? float.activation
    let greatest = Double(Float.greatestFiniteMagnitude)
    if let output = sums.reach.firstIndex(where: { !($0 < greatest) }) {
      throw .floatOverflow(layer: index, output: output)
    }
    if let output = zip(sums.values, sums.errors).enumerated().first(where: {
      !($1.0.isFinite && $1.1.isFinite)
    })?.offset {
      throw .unbounded(layer: index, output: output)
    }
    guard CodeMeaning.scales.contains(step), CodeMeaning.scales.contains(tensor.scale) else {
      throw .unbounded(layer: index, output: 0)
    }
    let segments = OutputSegments(
      layer, function, step: step, scale: tensor.scale, zeroPoint: Int(tensor.zeroPoint))
    return sums.activated(
      function, segments,
      codes: (
        ranges.requantized[index],
        CodeMeaning(scale: step, zeroPoint: Int(layer.zeroPoint), count: layer.outputs)
      ),
      handedOn: (
        ranges.tensors[index + 1],
        CodeMeaning(scale: tensor.scale, zeroPoint: Int(tensor.zeroPoint), count: layer.outputs)
      ))
  }
}
