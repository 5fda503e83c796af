// SPDX-License-Identifier: Apache-2.0

/// How the readings of one column spread over the rows that are fitted.
struct ColumnSpread: Equatable, Sendable {
  /// The mean of the readings.
  var mean: Double
  /// What a reading's distance from the mean is divided by: see ``init(of:)``. 1 for a column that
  /// never changes.
  var scale: Double
  var isConstant: Bool

  /// Measures a column without its missing readings; nil when there is none.
  ///
  /// The scale is the standard deviation, unless more than half of the readings are one and the
  /// same value: a sensor that rests. Then it is the root of the mean squared distance from that
  /// value over the other readings, the size of a move when there is one. A standard deviation
  /// would shrink with the rarity of the moves and blow the few that come up to a hundred times
  /// the size of every other input.
  init?(of readings: [Float]) {
    guard let first = readings.first else { return nil }
    let count = Double(readings.count)
    var sum = 0.0
    for reading in readings { sum += Double(reading) }
    mean = sum / count
    isConstant = readings.allSatisfy { $0 == first }
    guard !isConstant else {
      mean = Double(first)
      scale = 1
      return
    }
    let center: Double
    let moves: Double
    if let rest = Self.majority(of: readings) {
      center = Double(rest.value)
      moves = count - Double(rest.count)
    } else {
      center = mean
      moves = count
    }
    var squares = 0.0
    for reading in readings {
      let distance = Double(reading) - center
      squares += distance * distance
    }
    scale = (squares / moves).squareRoot()
  }

  /// The value that more than half of the readings have; nil when there is none.
  ///
  /// - Source: Boyer and Moore's majority vote, 1981.
  private static func majority(of readings: [Float]) -> (value: Float, count: Int)? {
    var candidate: Float = 0
    var lead = 0
    for reading in readings {
      if lead == 0 { candidate = reading }
      lead += reading == candidate ? 1 : -1
    }
    let count = readings.reduce(0) { $0 + ($1 == candidate ? 1 : 0) }
    return 2 * count > readings.count ? (candidate, count) : nil
  }
}
