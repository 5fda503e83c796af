// SPDX-License-Identifier: Apache-2.0

/// Rows of binary32 numbers, stored row after row.
package struct Matrix: Equatable, Sendable {
  package let rows: Int
  package let columns: Int
  /// `[rows][columns]`
  package var elements: [Float]

  /// A matrix of zeros.
  package init(rows: Int, columns: Int) {
    self.init(rows: rows, columns: columns, elements: Array(repeating: 0, count: rows * columns))
  }

  package init(rows: Int, columns: Int, elements: [Float]) {
    precondition(rows >= 0 && columns >= 0 && elements.count == rows * columns)
    self.rows = rows
    self.columns = columns
    self.elements = elements
  }

  package subscript(row: Int, column: Int) -> Float {
    get { elements[row * columns + column] }
    set { elements[row * columns + column] = newValue }
  }
}

extension Matrix {
  /// The given rows in the given order.
  package func gathered(_ indices: [Int]) -> Matrix {
    let result = Block<Float>(rows: indices.count, columns: columns)
    result.gather(indices[...], of: self)
    return result.matrix
  }

  /// The column of the highest element of a row, the lowest one on a tie.
  package func highestColumn(of row: Int) -> Int {
    var best = 0
    for column in 1..<columns where self[row, column] > self[row, best] { best = column }
    return best
  }
}
