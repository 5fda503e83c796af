// SPDX-License-Identifier: Apache-2.0

extension Dataset {
  /// The quantiles of each feature over some rows, missing readings left out:
  /// `[features][probabilities]`.
  ///
  /// - Parameters:
  ///   - probabilities: each in 0 ... 1.
  ///   - rows: nil is all of them.
  /// - Rounding: exact order statistics, between two of them linear in binary64 (NumPy's default),
  ///   then to binary32.
  /// - Throws: ``DataError/noReadings(column:)`` for a feature that is missing in every row.
  public func quantiles(
    at probabilities: [Double], over rows: [Int]? = nil
  ) throws(DataError) -> [[Float]] {
    precondition(probabilities.allSatisfy { 0...1 ~= $0 })
    var all: [[Float]] = []
    for column in featureNames.indices {
      let readings = self.column(column)
      let chosen = rows.map { rows in rows.map { readings[$0] } } ?? readings
      var sorted: [Float] = []
      sorted.reserveCapacity(chosen.count)
      for reading in chosen where !reading.isNaN { sorted.append(reading) }
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
