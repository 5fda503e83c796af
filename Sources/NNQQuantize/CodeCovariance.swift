// SPDX-License-Identifier: Apache-2.0

/// How the codes that a layer takes in vary together over the calibration rows.
struct CodeCovariance: Sendable {
  let inputs: Int
  /// `[inputs][inputs]`, symmetric, with ``damping`` times the mean variance added to the diagonal.
  let values: [Double]
  /// What the codes were divided by.
  let divisor: Double

  /// The share of the mean variance that is added to each, so that few rows do not decide all.
  static let damping = 0.01

  /// The time grows with the cube of the inputs: about 3 s here.
  static let mostInputs = 2048

  /// Rows whose products of 12-bit codes are summed in 32 bits: 2^8 of 2^22.
  private static let block = 256

  /// Nil for more than ``mostInputs``, and when the inputs never change on the rows: nothing tells one
  /// rounding from another.
  ///
  /// - Error: 16-bit codes count in steps of 16. All sums are exact in integers and in binary64 (below
  ///   2^53 for up to 2^31 rows), so no order of the rows moves a bit; one rounding a division
  ///   follows.
  /// - Complexity: O(rows * inputs^2).
  init?(_ rows: Rows<Int16>, threads: Int = 1) {
    let inputs = rows.columns
    guard !rows.isEmpty, inputs <= Self.mostInputs else { return nil }
    let columns = Self.columns(rows)
    let count = rows.count
    let sums = (0..<inputs).map { column in
      Double(columns[column * count..<(column + 1) * count].reduce(0) { $0 + Int($1) })
    }
    // `[inputs][inputs]`, each row from the diagonal on.
    let halves = concurrentMap(inputs, threads: threads) { row in
      unsafe columns.withUnsafeBufferPointer { columns in
        let first = columns.extracting(row * count..<(row + 1) * count)
        return (row..<inputs).map { column in
          // One rounding, of the quotient.
          let product = unsafe Self.product(
            first, columns.extracting(column * count..<(column + 1) * count))
          return product - sums[row] * sums[column] / Double(count)
        }
      }
    }
    var products = [Double](repeating: 0, count: inputs * inputs)
    for (row, half) in halves.enumerated() {
      for (offset, value) in half.enumerated() {
        products[row * inputs + row + offset] = value
        products[(row + offset) * inputs + row] = value
      }
    }
    let variance =
      (0..<inputs).reduce(0) { $0 + products[$1 * inputs + $1] } / Double(inputs)
    guard variance > 0 else { return nil }
    for index in 0..<inputs { products[index * inputs + index] += Self.damping * variance }
    self.inputs = inputs
    values = products
    divisor = Self.isWide(rows) ? 16 : 1
  }

  private static func isWide(_ rows: Rows<Int16>) -> Bool {
    rows.values.contains { !(-128...127).contains($0) }
  }

  /// `[inputs][rows]`, the codes in at most 12 bits.
  private static func columns(_ rows: Rows<Int16>) -> [Int16] {
    let isWide = isWide(rows)
    let count = rows.count
    var columns = [Int16](repeating: 0, count: rows.values.count)
    unsafe columns.withUnsafeMutableBufferPointer { columns in
      unsafe rows.values.withUnsafeBufferPointer { values in
        for row in 0..<count {
          let values = values.extracting(row * rows.columns..<(row + 1) * rows.columns)
          for column in 0..<rows.columns {
            let code = unsafe values[column]
            unsafe columns[column * count + row] =
              isWide ? Int16((Int32(code) + 8) >> 4) : code
          }
        }
      }
    }
    return columns
  }

  private static func product(
    _ first: UnsafeBufferPointer<Int16>, _ second: UnsafeBufferPointer<Int16>
  ) -> Double {
    var total = 0.0
    for start in stride(from: 0, to: first.count, by: block) {
      var sum: Int32 = 0
      for index in start..<min(start + block, first.count) {
        sum = unsafe sum &+ Int32(first[index]) &* Int32(second[index])
      }
      total += Double(sum)
    }
    return total
  }
}
