// SPDX-License-Identifier: Apache-2.0

/// Moves one code of a row at a time to where the row's sums err least on the calibration rows.
///
/// - Source: Behdin et al. 2023, "QuantEase: Optimization-based Quantization for Language Models",
///   with the covariance of the input codes in place of their second moment.
struct CoordinateDescent: Sendable {
  let covariance: CodeCovariance
  /// Passes over the row; it ends earlier when no code moves.
  static let sweeps = 4

  /// - Parameters:
  ///   - codes: `[inputs]` to start from, moved in place.
  ///   - weights: `[inputs]` in units of the row's step.
  ///   - largest: the largest code.
  /// - Returns: the mean squared error of the sums that is left, in squares of an accumulator step
  ///   times the number of rows; the damping is part of it.
  func improve(_ codes: inout [Double], of weights: [Double], largest: Double) -> Double {
    let inputs = covariance.inputs
    var gradient = [Double](repeating: 0, count: inputs)
    for index in 0..<inputs {
      add(weights[index] - codes[index], row: index, to: &gradient)
    }
    for _ in 0..<Self.sweeps {
      var moved = false
      for index in 0..<inputs {
        let ideal = codes[index] + gradient[index] / covariance.values[index * inputs + index]
        let code = min(max(ideal, -largest), largest).roundedAwayFromZero
        guard code != codes[index] else { continue }
        add(codes[index] - code, row: index, to: &gradient)
        codes[index] = code
        moved = true
      }
      if !moved { break }
    }
    return (0..<inputs).reduce(0) { $0 + (weights[$1] - codes[$1]) * gradient[$1] }
  }

  /// Adds a multiple of a row of the covariance.
  private func add(_ multiple: Double, row: Int, to sums: inout [Double]) {
    guard multiple != 0 else { return }
    let inputs = covariance.inputs
    unsafe sums.withUnsafeMutableBufferPointer { sums in
      unsafe covariance.values.withUnsafeBufferPointer { values in
        let values = values.extracting(row * inputs..<(row + 1) * inputs)
        for index in 0..<inputs { unsafe sums[index] += multiple * values[index] }
      }
    }
  }
}
