// SPDX-License-Identifier: Apache-2.0
import CNNQVector

/// A table of values, row after row. As a collection it has an array for each row; loops over many
/// values take ``values``.
struct Rows<Value: Sendable>: Sendable {
  /// At least 1.
  let columns: Int
  /// `[rows][columns]`
  let values: [Value]

  init(columns: Int, values: [Value]) {
    precondition(columns > 0 && values.count % columns == 0)
    self.columns = columns
    self.values = values
  }

  /// - Shape: all rows have as many values as the first.
  init(_ rows: [[Value]]) {
    self.init(columns: Swift.max(rows.first?.count ?? 1, 1), values: rows.flatMap { $0 })
  }

  /// Some of the rows.
  func rows(_ chosen: [Int]) -> Self {
    var kept: [Value] = []
    kept.reserveCapacity(chosen.count * columns)
    for row in chosen { kept += values[row * columns..<(row + 1) * columns] }
    return Self(columns: columns, values: kept)
  }
}

extension Rows: RandomAccessCollection {
  var startIndex: Int { 0 }
  var endIndex: Int { values.count / columns }
  subscript(row: Int) -> [Value] { Array(values[row * columns..<(row + 1) * columns]) }
}

extension Rows where Value == Float {
  /// The least and the greatest value; 0 of no rows.
  var range: ClosedRange<Double> {
    let columns = columnRanges
    return (columns.map(\.lowerBound).min() ?? 0)...(columns.map(\.upperBound).max() ?? 0)
  }

  /// Whether all values are finite.
  var isFinite: Bool {
    unsafe values.withUnsafeBufferPointer { values in
      var found: UInt32 = 0
      for index in 0..<values.count {
        let value = unsafe values[index]
        found |= value.bitPattern & 0x7F80_0000 == 0x7F80_0000 ? 1 : 0
      }
      return found == 0
    }
  }

  /// The least and the greatest value of each column; those of no rows are 0.
  var columnRanges: [ClosedRange<Double>] {
    guard !isEmpty else { return Array(repeating: 0...0, count: columns) }
    var low = self[0]
    var high = low
    unsafe values.withUnsafeBufferPointer { values in
      unsafe low.withUnsafeMutableBufferPointer { low in
        unsafe high.withUnsafeMutableBufferPointer { high in
          if let values = values.baseAddress, let low = low.baseAddress,
            let high = high.baseAddress
          {
            unsafe nnq_column_extremes(values, count, columns, low, high)
          }
        }
      }
    }
    return zip(low, high).map { Double($0)...Double($1) }
  }
}

extension Rows where Value == Int16 {
  /// `[columns]`, the sum of each column over some rows.
  func columnSums(_ chosen: [Int]) -> [Int] {
    var totals = [Int](repeating: 0, count: columns)
    for start in stride(from: 0, to: chosen.count, by: 1 << 16) {
      // 2^16 codes of 16 bits reach -2^31 at most.
      var sums = [Int32](repeating: 0, count: columns)
      unsafe sums.withUnsafeMutableBufferPointer { sums in
        unsafe values.withUnsafeBufferPointer { values in
          for row in chosen[start..<Swift.min(start + (1 << 16), chosen.count)] {
            let codes = values.extracting(row * columns..<(row + 1) * columns)
            for column in 0..<columns { unsafe sums[column] &+= Int32(codes[column]) }
          }
        }
      }
      for column in 0..<columns { totals[column] += Int(sums[column]) }
    }
    return totals
  }
}
