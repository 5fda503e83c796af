// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQQuantize
import NNQReference

/// The integers of a dense layer and what they stand for.
///
/// `real = scale * (code - zero point) + shift` for what it takes in, and
/// `scale * (code - zero point) - shift` for what it hands on.
struct LayerForm {
  let layer: FlatImage.Layer
  /// `[outputs][inputs]`
  let codes: [Int8]
  /// `[outputs]` for inputs less their zero point.
  let bias: [Int]
  let factors: [FixedPointMultiplier]
  let largestCode: Int
  /// `[outputs]`, the real value of one step of the accumulator.
  let steps: [Double]
  /// `[inputs]`
  let inputScales: [Double]
  let inputShifts: [Double]
  /// Of a requantized sum, ahead of a table.
  let sumScale: Double
  let outputScale: Double
  let outputZeroPoint: Int
  /// `[outputs]`
  let outputShifts: [Double]
  let inputWidth: CodeWidth
  /// `[outputs]`, whether a weight has the largest code, so that the step follows from it.
  let reachesLargest: [Bool]

  var inputs: Int { layer.inputs }
  var outputs: Int { layer.outputs }

  /// The real value of one step of weight `index`'s code.
  func weightStep(_ index: Int) -> Double { steps[index / inputs] / inputScales[index % inputs] }

  /// The bias of a float layer whose sums are those of the integers, for a bias in accumulator steps.
  ///
  /// - Parameter weights: `[outputs][inputs]` of that layer.
  func realBias(_ bias: Int, row: Int, weights: [Float]) -> Double {
    var real = Double(bias) * steps[row] - outputShifts[row]
    for column in 0..<inputs where inputShifts[column] != 0 {
      real -= Double(weights[row * inputs + column]) * inputShifts[column]
    }
    return real
  }

  /// The forms of all layers of a model.
  ///
  /// - Parameter model: of dense layers.
  static func all(_ model: Int8Model, _ report: QuantizationReport) -> [LayerForm] {
    var forms: [LayerForm] = []
    var scales = zip(model.input, model.features).map { 1 / ($0.inverseScale * $1.scale) }
    var zeroPoints = model.input.map { Int($0.zeroPoint) }
    var shifts = zip(model.input, model.features).map { ($0.offset - $1.offset) / $1.scale }
    for (index, layer) in model.image.layers.enumerated() {
      guard let dense = layer.dense else {
        preconditionFailure("layer \(index) is not dense")
      }
      let output = AffineCodes(
        scale: model.tensors[index].scale, zeroPoint: Int(model.tensors[index].zeroPoint),
        width: layer.outputWidth)
      let sumScale = report.layers[index].sumScale
      let moved =
        index == model.image.layers.count - 1 && layer.table == nil
        ? targetShifts(model.task, output) : nil
      forms.append(
        LayerForm(
          layer: layer, codes: dense.weights,
          bias: (0..<layer.outputs).map { row in
            let codes = dense.weights[row * layer.inputs..<(row + 1) * layer.inputs]
            return zip(codes, zeroPoints).reduce(Int(dense.bias[row])) { $0 + Int($1.0) * $1.1 }
          },
          factors: dense.factors, largestCode: Int(dense.weightWidth.range.upperBound),
          steps: dense.factors.map { $0.real * sumScale }, inputScales: scales,
          inputShifts: shifts, sumScale: sumScale, outputScale: output.scale,
          outputZeroPoint: output.zeroPoint,
          outputShifts: moved.map { $0.map { $0 * sumScale } }
            ?? Array(repeating: 0, count: layer.outputs),
          inputWidth: model.image.inputWidth(ofLayer: index),
          reachesLargest: (0..<layer.outputs).map { row in
            dense.weights[row * layer.inputs..<(row + 1) * layer.inputs].contains {
              $0.magnitude == dense.weightWidth.range.upperBound
            }
          }))
      scales = Array(repeating: output.scale, count: layer.outputs)
      zeroPoints = Array(repeating: output.zeroPoint, count: layer.outputs)
      shifts = Array(repeating: 0, count: layer.outputs)
    }
    return forms
  }
}
