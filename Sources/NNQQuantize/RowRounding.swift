// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// How the weights of a layer become codes, fitted to the codes that the layer takes in.
struct RowRounding: Sendable {
  private let feedback: ErrorFeedback
  private let descent: CoordinateDescent
  private let descends: Bool
  /// How many rows may be fitted at a time.
  let threads: Int
  /// `[outputs][inputs]`, what the weights are moved by, or nil.
  private var carried: [[Double]]?

  /// Nil where each weight is to be rounded on its own, and where ``CodeCovariance`` says that nothing
  /// tells one rounding from another.
  init?(_ rounding: QuantizationSettings.Rounding, _ rows: Rows<Int16>, threads: Int = 1) {
    guard rounding != .nearest, let covariance = CodeCovariance(rows, threads: threads),
      let feedback = ErrorFeedback(covariance)
    else { return nil }
    self.feedback = feedback
    self.threads = threads
    descent = CoordinateDescent(covariance: covariance)
    descends = rounding == .descent
  }

  /// For a dense layer that takes in what the layers before it hand on; nil for any other layer.
  init?(
    _ rounding: QuantizationSettings.Rounding, _ model: FloatModel, _ index: Int,
    _ tensors: [IncomingCodes], threads: Int
  ) {
    guard model.layers[index].operation.kind == .dense else { return nil }
    self.init(rounding, tensors[index].rows, threads: threads)
  }

  /// Moves the weights that rows are rounded from so that their sums make up for the errors of the layers
  /// before, ``carriedErrors(_:_:_:rows:_:_:threads:)``.
  mutating func carryErrors(
    _ layer: FloatModel.Layer, _ incoming: IncomingCodes, _ sums: Rows<Float>, rows: [Int]
  ) {
    carried = carriedErrors(
      layer, incoming, sums, rows: rows, descent.covariance, feedback, threads: threads)
  }

  /// The codes of a row.
  ///
  /// With 4 bits the step may be too wide for most weights, so narrower ones that clip the largest
  /// are tried too (Banner et al. 2019) and the one with the least error stays.
  /// - Parameters:
  ///   - weights: `[inputs]` in units of the widest step.
  ///   - row: its number.
  ///   - step: the widest step, in real units.
  ///   - keepsStep: whether the row has to take that one.
  /// - Returns: the codes and the factor on the step.
  func codes(
    _ weights: [Double], _ width: WeightWidth, row: Int = 0, step: Double = 1,
    keepsStep: Bool = false
  ) -> (codes: [Double], step: Double) {
    let largest = Double(width.range.upperBound)
    let weights = carried.map { zip(weights, $0[row]).map { $0 + $1 / step } } ?? weights
    guard descends else { return (feedback.codes(weights, largest: largest), 1) }
    var best: (codes: [Double], step: Double, error: Double)?
    for step in width == .four && !keepsStep ? [1, 0.9, 0.8, 0.7] : [1.0] {
      let scaled = weights.map { $0 / step }
      var codes = feedback.codes(scaled, largest: largest)
      let error = descent.improve(&codes, of: scaled, largest: largest) * step * step
      if error < best?.error ?? .infinity { best = (codes, step, error) }
    }
    return best.map { ($0.codes, $0.step) } ?? (feedback.codes(weights, largest: largest), 1)
  }
}
