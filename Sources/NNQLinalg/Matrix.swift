// SPDX-License-Identifier: Apache-2.0

/// Rows of binary32 numbers, stored row after row.
package struct Matrix: Equatable, Sendable {
  package private(set) var rows: Int
  package let columns: Int
  /// `[rows][columns]`; its count never changes but through ``resize(rows:)``.
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

  /// Changes the number of rows; what the elements are afterwards is not defined.
  ///
  /// A smaller matrix keeps its storage, so that the short batch at the end of a pass costs nothing.
  package mutating func resize(rows: Int) {
    precondition(rows >= 0)
    let count = rows * columns
    if count < elements.count {
      elements.removeLast(elements.count - count)
    } else if count > elements.count {
      elements.append(contentsOf: repeatElement(0, count: count - elements.count))
    }
    self.rows = rows
  }

  /// Copies the given rows of `source`, in the given order; the number of rows follows.
  package mutating func gather(_ indices: ArraySlice<Int>, of source: Matrix) {
    precondition(columns == source.columns)
    resize(rows: indices.count)
    let columns = columns
    let from = source.elements.span
    var to = elements.mutableSpan
    var place = 0
    for index in indices {
      let start = index * columns
      precondition(start >= 0 && start + columns <= from.count)
      for column in 0..<columns { to[place + column] = from[start + column] }
      place += columns
    }
  }
}

extension Matrix {
  /// The given rows in the given order.
  package func gathered(_ indices: [Int]) -> Matrix {
    var result = Matrix(rows: 0, columns: columns)
    result.gather(indices[...], of: self)
    return result
  }

  /// The column of the highest element of a row, the lowest one on a tie.
  package func highestColumn(of row: Int) -> Int {
    var best = 0
    for column in 1..<columns where self[row, column] > self[row, best] { best = column }
    return best
  }
}
