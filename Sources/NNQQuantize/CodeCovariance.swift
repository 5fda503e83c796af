// SPDX-License-Identifier: Apache-2.0

/// How the codes that a layer takes in vary together over the calibration rows.
struct CodeCovariance: Sendable {
  let inputs: Int
  /// `[inputs][inputs]`, symmetric, with ``damping`` times the mean variance added to the diagonal.
  let values: [Double]

  /// The share of the mean variance that is added to each, so that few rows do not decide all.
  static let damping = 0.01

  /// The time grows with the cube of the inputs: about 3 s here.
  static let mostInputs = 2048

  /// Nil for more than ``mostInputs``, and when the inputs never change on the rows: nothing tells one
  /// rounding from another.
  ///
  /// - Shape: `rows` is `[rows][inputs]`.
  /// - Error: products of 16-bit codes are summed exactly in binary64 (below 2^53 for up to 2^23
  ///   rows), so no order of the rows moves a bit; one rounding a division follows.
  /// - Complexity: O(rows * inputs^2).
  init?(_ rows: [[Int16]]) {
    guard let inputs = rows.first?.count, inputs <= Self.mostInputs else { return nil }
    var sums = [Double](repeating: 0, count: inputs)
    for row in rows {
      for (index, code) in row.enumerated() { sums[index] += Double(code) }
    }
    var products = Self.products(rows, inputs)
    let count = Double(rows.count)
    for row in 0..<inputs {
      for column in row..<inputs {
        // Both terms are below 2^53 for 2^11 rows and more; the quotient is rounded once.
        let value =
          products[row * inputs + column] - sums[row] * sums[column] / count
        products[row * inputs + column] = value
        products[column * inputs + row] = value
      }
    }
    let variance =
      (0..<inputs).reduce(0) { $0 + products[$1 * inputs + $1] } / Double(inputs)
    guard variance > 0 else { return nil }
    for index in 0..<inputs { products[index * inputs + index] += Self.damping * variance }
    self.inputs = inputs
    values = products
  }

  /// The upper half of `transpose(rows) * rows`; four rows at a time share a pass over the matrix.
  private static func products(_ rows: [[Int16]], _ inputs: Int) -> [Double] {
    var products = [Double](repeating: 0, count: inputs * inputs)
    var block = [Double](repeating: 0, count: 4 * inputs)
    for start in stride(from: 0, to: rows.count, by: 4) {
      for offset in 0..<4 {
        for index in 0..<inputs {
          block[offset * inputs + index] =
            start + offset < rows.count ? Double(rows[start + offset][index]) : 0
        }
      }
      unsafe products.withUnsafeMutableBufferPointer { products in
        unsafe block.withUnsafeBufferPointer { block in
          for row in 0..<inputs {
            let a = unsafe block[row]
            let b = unsafe block[inputs + row]
            let c = unsafe block[2 * inputs + row]
            let d = unsafe block[3 * inputs + row]
            if a == 0, b == 0, c == 0, d == 0 { continue }
            let target = products.extracting(row * inputs..<(row + 1) * inputs)
            for column in row..<inputs {
              unsafe target[column] +=
                a * block[column] + b * block[inputs + column] + c * block[2 * inputs + column]
                + d * block[3 * inputs + column]
            }
          }
        }
      }
    }
    return products
  }
}
