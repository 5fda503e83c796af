// SPDX-License-Identifier: Apache-2.0

extension Dataset {
  /// The quantiles of each feature over some rows, missing readings left out:
  /// `[features][probabilities]`.
  ///
  /// - Parameter probabilities: each in 0 ... 1.
  /// - Rounding: exact order statistics, between two of them linear in binary64 (NumPy's default),
  ///   then to binary32.
  /// - Throws: ``DataError/noReadings(column:)`` for a feature that is missing in every row.
  public func quantiles(
    at probabilities: [Double], over rows: some Collection<Int>
  ) throws(DataError) -> [[Float]] {
    precondition(probabilities.allSatisfy { 0...1 ~= $0 })
    var all: [[Float]] = []
    for column in featureNames.indices {
      let readings = self.column(column)
      var sorted: [Float] = []
      sorted.reserveCapacity(rows.count)
      for row in rows where !readings[row].isNaN { sorted.append(readings[row]) }
      guard !sorted.isEmpty else { throw .noReadings(column: featureNames[column]) }
      sorted.sort()
      all.append(
        probabilities.map { probability in
          let position = probability * Double(sorted.count - 1)
          let below = Int(position)
          let low = Double(sorted[below])
          let high = Double(sorted[min(below + 1, sorted.count - 1)])
          return Float(low + (high - low) * (position - Double(below)))
        })
    }
    return all
  }
}
