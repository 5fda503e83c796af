// SPDX-License-Identifier: Apache-2.0

/// The time of a call on this machine, and what it makes of the multiplications in it.
struct HostTime {
  /// Nanoseconds, the least and the middle one of all that were measured.
  let minimum: Double
  let median: Double
  /// At the minimum; nil where there are none, or in no time that the clock can tell.
  let macsPerSecond: Double?
  /// Of the limit's time in the minimum; nil where no limit is known.
  let limitShare: Double?

  /// Nil without times.
  init?(_ times: [Double], macs: Int?, limit: Double?) {
    let sorted = times.sorted()
    guard let least = sorted.first else { return nil }
    minimum = least
    median = sorted[sorted.count / 2]
    let isMeasured = least > 0
    macsPerSecond = macs.flatMap { isMeasured && $0 > 0 ? Double($0) / least * 1e9 : nil }
    limitShare = limit.flatMap { isMeasured && $0 > 0 ? $0 / least : nil }
  }

  /// The members of a JSON object; null without a time.
  static func members(of time: HostTime?) -> [(key: String, value: JSON)] {
    [
      (key: "ns_min", value: time.map { .number($0.minimum) } ?? .null),
      (key: "ns_median", value: time.map { .number($0.median) } ?? .null),
      (key: "macs_per_second", value: time?.macsPerSecond.map { .number($0) } ?? .null),
      (key: "limit_share", value: time?.limitShare.map { .number($0) } ?? .null),
    ]
  }

  /// The cells of a table: the multiplications of a nanosecond, and the share of the limit.
  var rateCells: [String] {
    [
      macsPerSecond.map { Format.significant($0 / 1e9, digits: 3) } ?? "",
      limitShare.map { "\(Format.fixed($0 * 100, decimals: 0)) %" } ?? "",
    ]
  }
}
