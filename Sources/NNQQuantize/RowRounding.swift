// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// How the weights of a layer become codes, fitted to the codes that the layer takes in.
struct RowRounding {
  private let feedback: ErrorFeedback
  private let descent: CoordinateDescent
  private let descends: Bool

  /// Nil where each weight is to be rounded on its own, and where ``CodeCovariance`` says that nothing
  /// tells one rounding from another.
  init?(_ rounding: QuantizationSettings.Rounding, _ rows: [[Int16]]) {
    guard rounding != .nearest, let covariance = CodeCovariance(rows),
      let feedback = ErrorFeedback(covariance)
    else { return nil }
    self.feedback = feedback
    descent = CoordinateDescent(covariance: covariance)
    descends = rounding == .descent
  }

  /// The codes of a row.
  ///
  /// With 4 bits the step may be too wide for most weights, so narrower ones that clip the largest
  /// are tried too (Banner et al. 2019) and the one with the least error stays.
  /// - Parameter weights: `[inputs]` in units of the widest step.
  /// - Returns: the codes and the factor on the step.
  func codes(_ weights: [Double], _ width: WeightWidth) -> (codes: [Double], step: Double) {
    let largest = Double(width.range.upperBound)
    guard descends else { return (feedback.codes(weights, largest: largest), 1) }
    var best: (codes: [Double], step: Double, error: Double)?
    for step in width == .four ? [1, 0.9, 0.8, 0.7] : [1.0] {
      let scaled = weights.map { $0 / step }
      var codes = feedback.codes(scaled, largest: largest)
      let error = descent.improve(&codes, of: scaled, largest: largest) * step * step
      if error < best?.error ?? .infinity { best = (codes, step, error) }
    }
    return best.map { ($0.codes, $0.step) } ?? (feedback.codes(weights, largest: largest), 1)
  }
}
