// SPDX-License-Identifier: Apache-2.0

/// A matrix of what each of some numbers takes of each of some symbols.
struct Coefficients: Sendable {
  let rows: Int
  private(set) var columns: Int
  /// `[rows][columns]`
  private(set) var values: [Double]

  init(rows: Int, columns: Int) {
    self.rows = rows
    self.columns = columns
    values = [Double](repeating: 0, count: rows * columns)
  }

  /// One symbol for each number that is not 0.
  init(diagonal: [Double]) {
    self.init(rows: diagonal.count, columns: 0)
    append(diagonal: diagonal)
  }

  func row(_ row: Int) -> ArraySlice<Double> { values[row * columns..<(row + 1) * columns] }

  /// The sum of the sizes of a row, rounded upward.
  func radius(_ row: Int) -> Double {
    self.row(row).reduce(0) { $0 + abs($1) } * (1 + roundingShare(columns))
  }

  /// Adds a symbol for each number that is not 0, which that row alone takes.
  mutating func append(diagonal: [Double]) {
    let rows = diagonal.indices.filter { diagonal[$0] != 0 }
    widen(to: columns + rows.count)
    let first = columns - rows.count
    for (place, row) in rows.enumerated() { values[row * columns + first + place] = diagonal[row] }
  }

  /// Adds symbols that no row takes, up to a number of symbols.
  mutating func widen(to wanted: Int) {
    guard wanted > columns else { return }
    var wide = [Double](repeating: 0, count: rows * wanted)
    for row in 0..<rows {
      for column in 0..<columns { wide[row * wanted + column] = values[row * columns + column] }
    }
    (columns, values) = (wanted, wide)
  }

  /// Multiplies each row by its factor.
  mutating func scale(by factors: [Double]) {
    for row in 0..<rows {
      for column in row * columns..<(row + 1) * columns { values[column] *= factors[row] }
    }
  }

  mutating func add(_ other: Coefficients) {
    widen(to: other.columns)
    for row in 0..<rows {
      for column in 0..<other.columns {
        values[row * columns + column] += other.values[row * other.columns + column]
      }
    }
  }

  /// The rows of a range.
  func rows(_ range: Range<Int>) -> Coefficients {
    var taken = Coefficients(rows: range.count, columns: 0)
    taken.columns = columns
    taken.values = Array(values[range.lowerBound * columns..<range.upperBound * columns])
    return taken
  }

  /// `weights * self`, the weights `[outputs][rows]`.
  func multiplied(by weights: [Double], outputs: Int) -> Coefficients {
    precondition(weights.count == outputs * rows)
    var product = Coefficients(rows: outputs, columns: columns)
    unsafe product.values.withUnsafeMutableBufferPointer { sums in
      unsafe values.withUnsafeBufferPointer { values in
        unsafe weights.withUnsafeBufferPointer { weights in
          // As many columns at a time as let the block of all rows stay in a cache.
          for start in stride(from: 0, to: columns, by: Self.block) {
            let width = min(Self.block, columns - start)
            for output in 0..<outputs {
              for row in 0..<rows {
                let weight = unsafe weights[output * rows + row]
                if weight == 0 { continue }
                let (sum, value) = (output * columns + start, row * columns + start)
                for column in 0..<width {
                  unsafe sums[sum + column] += weight * values[value + column]
                }
              }
            }
          }
        }
      }
    }
    return product
  }

  private static let block = 256
}
