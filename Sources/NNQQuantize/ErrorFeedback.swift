// SPDX-License-Identifier: Apache-2.0

/// Rounds the weights of a row one after the other and lets those that are left make up for the error,
/// so that the row's sums move least on the calibration rows.
///
/// - Source: Frantar et al. 2022, "GPTQ: Accurate Post-Training Quantization for Generative Pre-trained
///   Transformers", with the covariance of the input codes in place of their second moment: bias
///   correction takes up the mean. It is computed as Babai's nearest plane, which gives the same codes
///   without the inverse of the covariance (Chen et al. 2025, "The Geometry of LLM Quantization").
struct ErrorFeedback: Sendable {
  let inputs: Int
  /// `[inputs][inputs]`, upper triangular: `factor * transpose(factor)` is the damped covariance.
  private let factor: [Double]

  /// Nil when the covariance is not positive definite.
  ///
  /// - Complexity: O(inputs^3).
  init?(_ covariance: CodeCovariance) {
    var matrix = covariance.values
    guard Self.factorize(&matrix, covariance.inputs) else { return nil }
    inputs = covariance.inputs
    factor = matrix
  }

  /// The codes of a row.
  ///
  /// - Parameters:
  ///   - weights: `[inputs]` in units of the row's step.
  ///   - largest: the largest code.
  /// - Rounding: each to nearest, ties away from zero, after the errors before it were handed on;
  ///   clamped to `-largest ... largest`.
  func codes(_ weights: [Double], largest: Double = 127) -> [Double] {
    var codes = weights
    // What the errors so far make of each further row of the factor.
    var errors = [Double](repeating: 0, count: inputs)
    unsafe errors.withUnsafeMutableBufferPointer { errors in
      unsafe factor.withUnsafeBufferPointer { factor in
        for index in 0..<inputs {
          let row = factor.extracting(index * inputs..<(index + 1) * inputs)
          let wanted = unsafe weights[index] + errors[index] / row[index]
          let code = min(max(wanted, -largest), largest).roundedAwayFromZero
          codes[index] = code
          let error = weights[index] - code
          for other in index + 1..<max(inputs, index + 1) {
            unsafe errors[other] += error * row[other]
          }
        }
      }
    }
    return codes
  }

  /// The solution x of `covariance * x = vector`.
  func solution(_ vector: [Double]) -> [Double] {
    var x = vector
    // R y = vector, from the last row up; then transpose(R) x = y.
    for row in stride(from: inputs - 1, through: 0, by: -1) {
      for column in row + 1..<max(inputs, row + 1) {
        x[row] -= factor[row * inputs + column] * x[column]
      }
      x[row] /= factor[row * inputs + row]
    }
    for row in 0..<inputs {
      x[row] /= factor[row * inputs + row]
      for column in row + 1..<max(inputs, row + 1) {
        x[column] -= factor[row * inputs + column] * x[row]
      }
    }
    return x
  }

  /// Replaces a symmetric matrix by the upper triangular R with `R * transpose(R)` equal to it; false
  /// when it is not positive definite.
  ///
  /// It is Cholesky's method from the last row to the first; four pivots share a pass over what is left.
  private static func factorize(_ matrix: inout [Double], _ size: Int) -> Bool {
    var lower = matrix
    var end = size
    while end > 0 {
      let start = max(end - 4, 0)
      for pivot in stride(from: end - 1, through: start, by: -1) {
        let square = lower[pivot * size + pivot]
        guard square > 0, square.isFinite else { return false }
        let root = square.squareRoot()
        // Row `pivot` of the transpose of R: the column of R above and at the diagonal.
        for index in 0...pivot { lower[pivot * size + index] /= root }
        take(pivot..<pivot + 1, fromRows: start..<pivot, of: &lower, size)
      }
      take(start..<end, fromRows: 0..<start, of: &lower, size)
      end = start
    }
    for row in 0..<size {
      for column in 0..<size {
        matrix[row * size + column] = column >= row ? lower[column * size + row] : 0
      }
    }
    return true
  }

  /// Takes the products of finished rows off the lower half of rows above them, at most four at a time.
  private static func take(
    _ pivots: Range<Int>, fromRows rows: Range<Int>, of matrix: inout [Double], _ size: Int
  ) {
    unsafe matrix.withUnsafeMutableBufferPointer { matrix in
      func pivot(_ offset: Int) -> UnsafeMutableBufferPointer<Double> {
        let row = pivots.lowerBound + offset
        return matrix.extracting(row * size..<(row + 1) * size)
      }
      for row in rows {
        let target = matrix.extracting(row * size..<(row + 1) * size)
        guard pivots.count == 4 else {
          for offset in 0..<pivots.count {
            let one = unsafe pivot(offset)
            let factor = unsafe one[row]
            for index in 0...row { unsafe target[index] -= factor * one[index] }
          }
          continue
        }
        let (a, b, c, d) = unsafe (pivot(0), pivot(1), pivot(2), pivot(3))
        let factors = unsafe (a[row], b[row], c[row], d[row])
        for index in 0...row {
          unsafe target[index] =
            target[index] - factors.3 * d[index] - factors.2 * c[index] - factors.1 * b[index]
            - factors.0 * a[index]
        }
      }
    }
  }
}

extension Double {
  /// To nearest, ties away from zero; the magnitude is below 2^51. Unlike `rounded` it is no call on
  /// machines whose base instructions do not round.
  var roundedAwayFromZero: Double {
    let even = (self + 0x1.8p52) - 0x1.8p52
    let rest = self - even
    if rest == 0.5, self > 0 { return even + 1 }
    if rest == -0.5, self < 0 { return even - 1 }
    return even
  }
}
