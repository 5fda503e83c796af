// SPDX-License-Identifier: Apache-2.0
internal import NNQFormat

extension CalibrationRows {
  /// At most this many of the rows are taken for their extreme readings.
  static let extremes = 64

  /// The rows of a training table that stand for all of it, in ascending order.
  ///
  /// Most are spread evenly over the order of the table, so that drift in time and every operating
  /// state appear in their shares. An even sample of 512 misses rare extremes, which set the ranges
  /// of the hidden layers: up to ``extremes`` rows are therefore those where a feature, in turn,
  /// has its lowest and its highest reading. They are too few to bend a metric over the rest.
  ///
  /// - Parameter column: the readings of a feature, one a row, none missing.
  static func select(rows: Int, features: Int, column: (Int) -> [Float]) -> [Int] {
    guard rows > limit else { return Array(0..<rows) }
    var isTaken = Array(repeating: false, count: rows)
    var taken = 0
    func take(_ row: Int) {
      if !isTaken[row] {
        isTaken[row] = true
        taken += 1
      }
    }
    let looked = min(features, extremes / 2)
    for place in 0..<looked {
      let readings = column(place * features / looked)
      var lowest = 0
      var highest = 0
      for row in 0..<rows {
        if readings[row] < readings[lowest] { lowest = row }
        if readings[row] > readings[highest] { highest = row }
      }
      take(lowest)
      take(highest)
    }
    let even = limit - taken
    for place in 0..<even {
      // The next row that is free, should an extreme stand here.
      var row = (2 * place + 1) * rows / (2 * even)
      while isTaken[row] { row = (row + 1) % rows }
      take(row)
    }
    return isTaken.indices.filter { isTaken[$0] }
  }
}
