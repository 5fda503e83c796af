// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQReference

/// How a layer's sums become the codes that it hands on: a clamp, or a clamp and a table.
struct ActivationCodes {
  /// The codes that the requantized sum is written in.
  let sums: AffineCodes
  /// The codes that the layer hands on.
  let output: AffineCodes
  let lowest: Int
  let highest: Int
  let table: FlatImage.Layer.Table?

  /// - Parameters:
  ///   - sumRange: of the sums, seen on the calibration rows.
  ///   - outputRange: of what the float layer hands on.
  ///   - margin: the factor on the range.
  ///   - fineMargin: the factor on the range of 16-bit sums ahead of a table that hands on 8 bits;
  ///     nil takes a table of 8-bit codes there.
  init(
    _ activation: Activation, sumRange: ClosedRange<Double>, outputRange: ClosedRange<Double>,
    width: CodeWidth, margin: Double, fineMargin: Double? = nil
  ) {
    switch activation {
    case .identity, .relu, .relu6:
      var range = outputRange.widened(margin)
      // The highest code is then 6 or what stands below it, so that the clamp is the function.
      if activation == .relu6 { range = range.clamped(to: 0...6) }
      let codes = AffineCodes(covering: range, width: width)
      sums = codes
      output = codes
      lowest = activation == .identity ? width.range.lowerBound : codes.zeroPoint
      highest = width.range.upperBound
      table = nil
    case .tanh, .sigmoid, .leakyRelu, .gelu, .geluTanh, .silu, .hardSwish:
      let taken = fineMargin == nil ? width : .sixteen
      let steep = activation.steepRange(taken)
      let range = sumRange.widened(fineMargin ?? margin).clamped(to: steep)
      sums = AffineCodes(covering: range, width: taken)
      // Values that a bound holds anyway leave room for rows not seen.
      let isBounded = activation == .tanh || activation == .sigmoid
      let made = CodeTable(
        activation, of: sums, handingOn: width,
        for: isBounded ? range : sumRange.widened(margin).clamped(to: steep),
        in: taken == .eight ? activation.fixedCodes : nil)
      output = made.output
      lowest = taken.range.lowerBound
      highest = taken.range.upperBound
      table = made.table
    }
  }

  /// The image's layer of an operation whose sums are requantized to ``sums``.
  func layer(
    _ layer: FloatModel.Layer, _ operation: FlatImage.Layer.Operation
  ) -> FlatImage.Layer {
    FlatImage.Layer(
      inputs: layer.inputs, outputs: layer.outputs, activation: layer.activation.kind,
      outputWidth: output.width, zeroPoint: Int16(sums.zeroPoint), lowest: Int16(lowest),
      highest: Int16(highest), operation: operation, table: table)
  }
}
