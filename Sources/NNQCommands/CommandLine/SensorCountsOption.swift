// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQWords

extension ParsedArguments {
  /// The entries `NAME=UNIT_PER_COUNT[:ZERO_VALUE][@MIN..MAX]` of an option, in the order given.
  ///
  /// Without `:ZERO_VALUE` the reading at count 0 is 0; without `@MIN..MAX` the sensor counts from
  /// -32768 to 32767.
  func sensorCounts(
    _ name: String
  ) throws(Failure) -> [(name: String, counts: SensorCounts)] {
    var entries: [(name: String, counts: SensorCounts)] = []
    for (feature, text) in try assignments(name) {
      entries.append((feature, try sensorCounts(parsing: text, of: name)))
    }
    return entries
  }

  private func sensorCounts(
    parsing text: String, of name: String
  ) throws(Failure) -> SensorCounts {
    let halves = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    let line = halves[0].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let unitPerCount = try finite(line[0], of: name, within: text)
    guard unitPerCount > 0 else {
      throw bad(name, text, "has a unit per count that is not above 0")
    }
    return SensorCounts(
      unitPerCount: unitPerCount,
      zeroValue: line.count == 2 ? try finite(line[1], of: name, within: text) : 0,
      range: halves.count == 2
        ? try range(halves[1], of: name, within: text) : -32_768...32_767)
  }

  private func finite(
    _ part: Substring, of name: String, within text: String
  ) throws(Failure) -> Double {
    guard let value = Double(part), value.isFinite else {
      throw bad(name, text, "has no finite number at \(quoted(String(part)))")
    }
    return value
  }

  /// `MIN..MAX` of int32 counts.
  private func range(
    _ part: Substring, of name: String, within text: String
  ) throws(Failure) -> ClosedRange<Int32> {
    // `1..5`, also with a sign before either number.
    let ends = part.split(separator: ".", omittingEmptySubsequences: false)
    guard ends.count == 3, ends[1].isEmpty, let low = Int32(ends[0]), let high = Int32(ends[2])
    else {
      throw bad(name, text, "has no range of 32-bit counts MIN..MAX at \(quoted(String(part)))")
    }
    guard low <= high else { throw bad(name, text, "has a range that ends before it starts") }
    return low...high
  }
}
