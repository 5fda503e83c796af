// SPDX-License-Identifier: Apache-2.0

/// Answers from one feature alone, by the known rows with the nearest readings.
struct SingleFeature {
  enum Answers {
    /// One a row.
    case classes([Int], count: Int)
    /// One a row.
    case numbers([Double])
  }

  /// The known rows that answer together.
  static let neighbours = 5
  private let readings: [Float]
  private let answers: Answers
  /// The known rows by their readings.
  private let sorted: [Int]

  /// - Parameter readings: one a row; a missing one counts as the lowest of all.
  init(_ readings: [Float], _ answers: Answers, known: some Sequence<Int>) {
    let readings = readings.map { $0.isFinite ? $0 : -Float.greatestFiniteMagnitude }
    self.readings = readings
    self.answers = answers
    sorted = known.sorted { (readings[$0], $0) < (readings[$1], $1) }
  }

  /// The mean recall of the classes that occur, or R2.
  func score(on rows: some Collection<Int>) -> Double {
    guard !sorted.isEmpty, !rows.isEmpty else { return 0 }
    switch answers {
    case .classes(let labels, let count):
      var all = [Int](repeating: 0, count: count)
      var right = all
      for row in rows {
        all[labels[row]] += 1
        if label(for: row, labels) == labels[row] { right[labels[row]] += 1 }
      }
      let present = all.indices.filter { all[$0] > 0 }
      guard present.count > 1 else { return 0 }
      let sum = present.reduce(0.0) { $0 + Double(right[$1]) / Double(all[$1]) }
      return sum / Double(present.count)
    case .numbers(let values):
      let mean = rows.reduce(0.0) { $0 + values[$1] } / Double(rows.count)
      var squares = 0.0
      var spread = 0.0
      for row in rows {
        let error = values[row] - value(for: row, values)
        squares += error * error
        spread += (values[row] - mean) * (values[row] - mean)
      }
      return spread > 0 ? 1 - squares / spread : 0
    }
  }

  private func label(for row: Int, _ labels: [Int]) -> Int {
    let near = nearest(to: readings[row]).map { labels[$0] }
    return near.max { one, other in
      near.count { $0 == one } < near.count { $0 == other }
    } ?? 0
  }

  /// On the line through the neighbours, but not beyond their values.
  private func value(for row: Int, _ values: [Double]) -> Double {
    let near = nearest(to: readings[row])
    let count = Double(near.count)
    let center = near.reduce(0.0) { $0 + Double(readings[$1]) } / count
    let level = near.reduce(0.0) { $0 + values[$1] } / count
    var product = 0.0
    var squares = 0.0
    for other in near {
      let distance = Double(readings[other]) - center
      product += distance * (values[other] - level)
      squares += distance * distance
    }
    let slope = squares > 0 ? product / squares : 0
    let value = level + slope * (Double(readings[row]) - center)
    let low = near.reduce(level) { min($0, values[$1]) }
    let high = near.reduce(level) { max($0, values[$1]) }
    return min(max(value, low), high)
  }

  /// The known rows whose readings are nearest.
  private func nearest(to reading: Float) -> ArraySlice<Int> {
    var low = 0
    var high = sorted.count
    while low < high {
      let middle = (low + high) / 2
      if readings[sorted[middle]] < reading { low = middle + 1 } else { high = middle }
    }
    var start = low
    var end = low
    while end - start < min(Self.neighbours, sorted.count) {
      let below = start > 0 ? Double(reading) - Double(readings[sorted[start - 1]]) : .infinity
      let above =
        end < sorted.count ? Double(readings[sorted[end]]) - Double(reading) : .infinity
      if above <= below { end += 1 } else { start -= 1 }
    }
    return sorted[start..<end]
  }
}
