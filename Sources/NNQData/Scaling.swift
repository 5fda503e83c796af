// SPDX-License-Identifier: Apache-2.0

/// What brings the readings of a feature to mean 0 and deviation 1: `(reading - offset) / scale`.
public struct Scaling: Equatable, Sendable {
  /// The mean.
  public var offset: Double
  /// The standard deviation, of the rows as they are (divided by their number); 1 for a feature
  /// that never changes. Finite and above 0.
  public var scale: Double
  /// The number of rows in which the reading is missing.
  public var missing: Int

  /// A scaling by an offset and a scale.
  public init(offset: Double, scale: Double, missing: Int = 0) {
    self.offset = offset
    self.scale = scale
    self.missing = missing
  }
}

extension Dataset {
  /// The scaling of each feature over some rows, missing readings left out.
  ///
  /// - Rounding: in binary64, in two passes over the distances from the first reading, so that a
  ///   feature that never changes has the deviation 0 exactly.
  /// - Throws: ``DataError/noReadings(column:)`` for a feature that is missing in every row.
  public func scaling(over rows: some Sequence<Int>) throws(DataError) -> [Scaling] {
    let width = featureNames.count
    let rows = Array(rows)
    var first = [Float](repeating: .nan, count: width)
    var sums = [Double](repeating: 0, count: width)
    var counts = [Int](repeating: 0, count: width)
    for row in rows {
      for column in 0..<width {
        let reading = readings[row * width + column]
        if reading.isNaN { continue }
        if counts[column] == 0 { first[column] = reading }
        sums[column] += Double(reading) - Double(first[column])
        counts[column] += 1
      }
    }
    if let column = counts.firstIndex(of: 0) {
      throw .noReadings(column: featureNames[column])
    }
    var means = [Double](repeating: 0, count: width)
    for column in 0..<width {
      means[column] = Double(first[column]) + sums[column] / Double(counts[column])
    }
    var squares = [Double](repeating: 0, count: width)
    for row in rows {
      for column in 0..<width {
        let reading = readings[row * width + column]
        if reading.isNaN { continue }
        let distance = Double(reading) - means[column]
        squares[column] += distance * distance
      }
    }
    return (0..<width).map { column in
      let deviation = (squares[column] / Double(counts[column])).squareRoot()
      return Scaling(
        offset: means[column], scale: deviation > 0 ? deviation : 1,
        missing: rows.count - counts[column])
    }
  }

  /// The quantiles of each feature over some rows, missing readings left out:
  /// `[features][probabilities]`.
  ///
  /// - Parameter probabilities: each in 0 ... 1.
  /// - Rounding: exact order statistics, between two of them linear in binary64 (NumPy's default),
  ///   then to binary32.
  /// - Throws: ``DataError/noReadings(column:)`` for a feature that is missing in every row.
  public func quantiles(
    at probabilities: [Double], over rows: some Sequence<Int>
  ) throws(DataError) -> [[Float]] {
    precondition(probabilities.allSatisfy { 0...1 ~= $0 })
    let width = featureNames.count
    let rows = Array(rows)
    var all: [[Float]] = []
    for column in 0..<width {
      var sorted: [Float] = []
      sorted.reserveCapacity(rows.count)
      for row in rows {
        let reading = readings[row * width + column]
        if !reading.isNaN { sorted.append(reading) }
      }
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
