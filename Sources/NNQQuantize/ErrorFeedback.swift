// SPDX-License-Identifier: Apache-2.0

/// Rounds the weights of a row one after the other and lets those that are left make up for the error,
/// so that the row's sums move least on the calibration rows.
///
/// - Source: Frantar et al. 2022, "GPTQ: Accurate Post-Training Quantization for Generative Pre-trained
///   Transformers", with the covariance of the input codes in place of their second moment: bias
///   correction takes up the mean.
struct ErrorFeedback {
  let inputs: Int
  /// `[inputs][inputs]`, upper triangular: `transpose(factor) * factor` is the inverse of the damped
  /// covariance.
  private let factor: [Double]

  /// Nil when the covariance is not positive definite.
  ///
  /// - Complexity: O(inputs^3).
  init?(_ covariance: CodeCovariance) {
    var matrix = covariance.values
    guard Self.factorize(&matrix, covariance.inputs) else { return nil }
    Self.invert(&matrix, covariance.inputs)
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
    var rest = weights
    var codes: [Double] = []
    codes.reserveCapacity(inputs)
    unsafe rest.withUnsafeMutableBufferPointer { rest in
      unsafe factor.withUnsafeBufferPointer { factor in
        for index in 0..<inputs {
          let weight = unsafe rest[index]
          let code = min(max(weight.rounded(.toNearestOrAwayFromZero), -largest), largest)
          codes.append(code)
          let row = factor.extracting(index * inputs..<(index + 1) * inputs)
          let error = unsafe (weight - code) / row[index]
          for other in index + 1..<max(inputs, index + 1) {
            unsafe rest[other] -= error * row[other]
          }
        }
      }
    }
    return codes
  }

  // MARK: - The factor

  /// Replaces a symmetric matrix by the upper triangular R with `R * transpose(R)` equal to it; false
  /// when it is not positive definite.
  ///
  /// It is Cholesky's method from the last row to the first.
  private static func factorize(_ matrix: inout [Double], _ size: Int) -> Bool {
    var lower = matrix
    for pivot in stride(from: size - 1, through: 0, by: -1) {
      let square = lower[pivot * size + pivot]
      guard square > 0, square.isFinite else { return false }
      let root = square.squareRoot()
      // Row `pivot` of the transpose of R: the column of R above and at the diagonal.
      for index in 0...pivot { lower[pivot * size + index] /= root }
      let column = Array(lower[pivot * size...pivot * size + pivot])
      for row in 0..<pivot where column[row] != 0 {
        addMultiple(
          of: column, by: -column[row], to: &lower, row: row, from: 0, upTo: row + 1, size)
      }
    }
    for row in 0..<size {
      for column in 0..<size {
        matrix[row * size + column] = column >= row ? lower[column * size + row] : 0
      }
    }
    return true
  }

  /// Replaces an upper triangular matrix by its inverse.
  private static func invert(_ matrix: inout [Double], _ size: Int) {
    var inverse = [Double](repeating: 0, count: size * size)
    for row in stride(from: size - 1, through: 0, by: -1) {
      let diagonal = matrix[row * size + row]
      inverse[row * size + row] = 1
      for other in row + 1..<max(size, row + 1) {
        let part = matrix[row * size + other]
        guard part != 0 else { continue }
        let known = Array(inverse[other * size..<(other + 1) * size])
        addMultiple(of: known, by: -part, to: &inverse, row: row, from: other, upTo: size, size)
      }
      for column in row..<size { inverse[row * size + column] /= diagonal }
    }
    matrix = inverse
  }

  /// Adds a multiple of a vector to a row of a square matrix, each element on its own.
  private static func addMultiple(
    of vector: [Double], by multiple: Double, to matrix: inout [Double], row: Int, from: Int,
    upTo: Int? = nil, _ size: Int? = nil
  ) {
    let size = size ?? vector.count
    unsafe matrix.withUnsafeMutableBufferPointer { matrix in
      unsafe vector.withUnsafeBufferPointer { vector in
        let target = matrix.extracting(row * size..<(row + 1) * size)
        for index in from..<(upTo ?? size) {
          unsafe target[index] += multiple * vector[index]
        }
      }
    }
  }
}
