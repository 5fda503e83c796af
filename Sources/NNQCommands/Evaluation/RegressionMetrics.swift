// SPDX-License-Identifier: Apache-2.0

/// How far predicted values are from the true ones.
struct RegressionMetrics: Equatable, Sendable {
  /// The root of the mean squared error, in the target's unit; nil without rows.
  let rmse: Double?
  /// The mean absolute error, in the target's unit; nil without rows.
  let mae: Double?
  /// `1 - sum (y - prediction)^2 / sum (y - mean y)^2`; nil when all truths are alike.
  let r2: Double?

  /// - Shape: one value a row. A value that is not finite leaves the metrics nil.
  init(truths: [Double], predictions: [Double], times: Times = .once) {
    precondition(truths.count == predictions.count, "a prediction for each truth")
    var squares = 0.0
    var sizes = 0.0
    // Distances from a truth instead of truths, so that a small variation on a large mean is kept.
    let origin = truths.first ?? 0
    var distances = 0.0
    var count = 0.0
    for row in truths.indices {
      let weight = Double(times[row])
      guard weight > 0 else { continue }
      let error = truths[row] - predictions[row]
      squares += weight * (error * error)
      sizes += weight * abs(error)
      distances += weight * (truths[row] - origin)
      count += weight
    }
    let mean = distances / count
    var spread = 0.0
    for row in truths.indices {
      let distance = truths[row] - origin - mean
      spread += Double(times[row]) * (distance * distance)
    }
    rmse = finite((squares / count).squareRoot())
    mae = finite(sizes / count)
    r2 = finite(1 - squares / spread)
  }
}

/// The value, or nil when it is infinite or not a number.
func finite(_ value: Double) -> Double? { value.isFinite ? value : nil }
