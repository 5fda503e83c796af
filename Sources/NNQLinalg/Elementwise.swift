// SPDX-License-Identifier: Apache-2.0

extension Matrix {
  /// Adds `vector[columns]` to each row.
  package mutating func addToEachRow(_ vector: [Float]) {
    precondition(vector.count == columns)
    let (rows, columns) = (rows, columns)
    let addend = vector.span
    var values = elements.mutableSpan
    var start = 0
    for _ in 0..<rows {
      for column in 0..<columns { values[start + column] += addend[column] }
      start += columns
    }
  }

  /// `sums[column]` becomes the sum of the column, rows added in order.
  package func sumColumns(into sums: inout [Float]) {
    precondition(sums.count == columns)
    let (rows, columns) = (rows, columns)
    let values = elements.span
    var totals = sums.mutableSpan
    for column in 0..<columns { totals[column] = 0 }
    var start = 0
    for _ in 0..<rows {
      for column in 0..<columns { totals[column] += values[start + column] }
      start += columns
    }
  }
}

/// `y = y + a * (x - y)`: moves y towards x by the share a.
package func move(_ y: inout [Float], towards x: [Float], by a: Float) {
  precondition(y.count == x.count)
  let target = x.span
  var values = y.mutableSpan
  for index in 0..<values.count { values[index] += a * (target[index] - values[index]) }
}
