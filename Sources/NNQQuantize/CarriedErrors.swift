// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// What the weights of a dense layer are to be moved by so that its sums make up for the errors of the
/// layers before it, `[outputs][inputs]` in real units of an input code.
///
/// The residual between the float network's sums and what the float weights make of the quantized codes
/// is fitted by least squares; the damping of the covariance keeps few rows from deciding all.
///
/// - Source: Li et al. 2025, "GPTAQ: Efficient Finetuning-Free Quantization for Asymmetric Calibration".
/// - Parameters:
///   - sums: `[rows][outputs]` of the float network.
///   - kept: rows whose codes were not clipped.
/// - Complexity: O(rows * inputs * outputs + inputs^2 * outputs).
func carriedErrors(
  _ layer: FloatModel.Layer, _ incoming: IncomingCodes, _ sums: Rows<Float>, rows kept: [Int],
  _ covariance: CodeCovariance, _ feedback: ErrorFeedback, threads: Int
) -> [[Double]] {
  let (inputs, weights) = (layer.inputs, layer.weights)
  let codes = incoming.rows.values
  return concurrentMap(layer.outputs, threads: threads) { output in
    let row = (0..<inputs).map { Double(weights[output * inputs + $0]) * incoming.scales[$0] }
    // Constants are left out: the mean is taken off.
    var residuals = kept.map { place in
      var sum = 0.0
      for input in 0..<inputs { sum += row[input] * Double(codes[place * inputs + input]) }
      return Double(sums.values[place * layer.outputs + output]) - sum
    }
    let mean = residuals.reduce(0, +) / Double(kept.count)
    for index in residuals.indices { residuals[index] -= mean }
    var cross = [Double](repeating: 0, count: inputs)
    for (index, place) in kept.enumerated() {
      for input in 0..<inputs {
        cross[input] += residuals[index] * Double(codes[place * inputs + input])
      }
    }
    let divisor = covariance.divisor
    return feedback.solution(cross.map { $0 / divisor }).map { $0 / divisor }
  }
}
