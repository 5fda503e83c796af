// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// The sums of both networks in a layer as linear functions of what comes in.
///
/// The float layer's sum is `weights * value + bias`. The integer layer's, in the float network's
/// units and but for the rounding of the requantized code, is `coded * real + codedBias`, where real
/// is what a code stands for. Their difference is then
/// `coded * (real - value) + (coded - weights) * value + codedBias - bias`.
struct LinearRows: Sendable {
  let inputs: Int
  let outputs: Int
  /// `[outputs][inputs]`
  let weights: [Double]
  let bias: [Double]
  /// `[outputs][inputs]`; each within 2^-49 of its share.
  let coded: [Double]
  let codedBias: [Double]
  /// What each coded bias may be off by.
  let codedSlack: [Double]
  /// What one requantized code stands for.
  let step: Double

  /// The rows of a dense layer.
  ///
  /// - Parameter step: nil fits it to the weights.
  init(
    _ dense: FlatImage.Layer.Dense, weights: [Float], bias: [Float], of taken: CodeMeaning,
    step given: Double?
  ) {
    let (inputs, outputs) = (taken.scales.count, bias.count)
    self.inputs = inputs
    self.outputs = outputs
    self.weights = weights.map(Double.init)
    self.bias = bias.map(Double.init)
    var units = [Double](repeating: 0, count: inputs * outputs)
    for row in 0..<outputs {
      let factor = dense.factors[row].real
      for input in 0..<inputs {
        units[row * inputs + input] =
          factor * Double(dense.weights[row * inputs + input]) / taken.scales[input]
      }
    }
    let step = given ?? Self.fittedStep(units, self.weights)
    self.step = step
    coded = units.map { $0 * step }
    var (codedBias, codedSlack): ([Double], [Double]) = ([], [])
    for row in 0..<outputs {
      var sum = Int(dense.bias[row])
      var (shift, size) = (0.0, 0.0)
      for input in 0..<inputs {
        sum += Int(dense.weights[row * inputs + input]) * taken.zeroPoints[input]
        shift += coded[row * inputs + input] * taken.shifts[input]
        size += abs(coded[row * inputs + input] * taken.shifts[input])
      }
      let own = dense.factors[row].real * Double(sum) * step
      codedBias.append(own - shift)
      codedSlack.append(roundingShare(inputs) * (abs(own) + size) + underflow)
    }
    (self.codedBias, self.codedSlack) = (codedBias, codedSlack)
  }

  /// The step that makes the integer weights most like the float ones, by least squares.
  static func fittedStep(_ units: [Double], _ weights: [Double]) -> Double {
    let products = zip(units, weights).reduce(0) { $0 + $1.0 * $1.1 }
    let squares = units.reduce(0) { $0 + $1 * $1 }
    let step = products / squares
    return step.isFinite && step > 0 ? step : 1
  }
}
