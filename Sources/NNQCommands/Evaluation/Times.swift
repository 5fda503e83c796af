// SPDX-License-Identifier: Apache-2.0

/// How often each row counts: once, or as often as a resample drew it.
enum Times: Sendable {
  case once
  /// `[rows]`, not negative.
  case each([Int32])

  subscript(row: Int) -> Int {
    switch self {
    case .once: 1
    case .each(let times): Int(times[row])
    }
  }

  /// The mean of `values`, of which each row has `width`; nil without rows.
  func mean(of values: [Double], width: Int = 1) -> Double? {
    var sum = 0.0
    var count = 0
    for index in values.indices {
      let times = self[index / width]
      // A value that no resample drew is not there, whatever it is.
      if times > 0 { sum += Double(times) * values[index] }
      count += times
    }
    return count == 0 ? nil : sum / Double(count)
  }
}
