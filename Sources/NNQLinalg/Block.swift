// SPDX-License-Identifier: Apache-2.0

/// Rows of numbers in a ``Storage``, stored row after row. Copies share the numbers.
package struct Block<Scalar: Real>: Sendable {
  /// `[rows][columns]`
  package let values: Vector<Scalar>
  package let rows: Int
  package let columns: Int

  package init(_ values: Vector<Scalar>, rows: Int, columns: Int) {
    precondition(rows >= 0 && columns >= 0 && values.count == rows * columns)
    self.values = values
    self.rows = rows
    self.columns = columns
  }

  /// Zeros in memory of their own.
  package init(rows: Int, columns: Int) {
    self.init(Vector(zeros: rows * columns), rows: rows, columns: columns)
  }

  package subscript(row: Int, column: Int) -> Scalar { values[row * columns + column] }

  /// Some of the rows.
  package subscript(rows range: Range<Int>) -> Block {
    Block(
      values[(range.lowerBound * columns)..<(range.upperBound * columns)], rows: range.count,
      columns: columns)
  }

  var pointer: UnsafeMutablePointer<Scalar> { unsafe values.pointer }

  /// The elements rounded to binary32.
  package var matrix: Matrix {
    Matrix(rows: rows, columns: columns, elements: values.elements.map { Float($0) })
  }

  /// Copies the given rows of `source`, one for each row.
  package func gather(_ indices: ArraySlice<Int>, of source: Matrix) {
    precondition(indices.count == rows && columns == source.columns)
    precondition(indices.allSatisfy { $0 >= 0 && $0 < source.rows })
    // The indices were checked against the rows that the elements hold.
    unsafe source.elements.withUnsafeBufferPointer { elements in
      unsafe indices.withUnsafeBufferPointer { indices in
        unsafe Scalar.kernels.gather(
          elements.baseAddress, indices.baseAddress, pointer, rows, columns)
      }
    }
  }
}
