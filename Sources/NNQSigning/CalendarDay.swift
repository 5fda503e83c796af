// SPDX-License-Identifier: Apache-2.0

/// A day of the Gregorian calendar, as keys and signatures state their end: the first moment of the
/// day, UTC.
public struct CalendarDay: Equatable, Sendable {
  /// Seconds since 1970 at the start of the day, leap seconds left out.
  public let seconds: Int64

  /// Reads `YYYY-MM-DD` from 1970-01-02 to 9999-12-31; nil for anything else.
  public init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 3, parts.map(\.utf8.count) == [4, 2, 2],
      text.utf8.allSatisfy({ (48...57).contains($0) || $0 == 45 }),
      let year = Int64(parts[0]), let month = Int64(parts[1]), let day = Int64(parts[2]),
      (1970...9999).contains(year), (1...12).contains(month), day >= 1
    else { return nil }
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let lengths: [Int64] = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    guard day <= lengths[Int(month) - 1] else { return nil }
    let before = year - 1
    let days =
      365 * (year - 1970) + before / 4 - before / 100 + before / 400 - 477
      + lengths.prefix(Int(month) - 1).reduce(0, +) + day - 1
    guard days > 0 else { return nil }
    seconds = days * 86_400
  }

  /// The day on which a moment lies, as `YYYY-MM-DD`; the number itself outside the years that can
  /// be read.
  ///
  /// - Source: Howard Hinnant, chrono-compatible low-level date algorithms: years that start in March
  ///   put the leap day last, and 400 of them have 146,097 days.
  public static func text(of seconds: Int64) -> String {
    guard (0..<253_402_300_800).contains(seconds) else { return "\(seconds)" }
    let days = seconds / 86_400 + 719_468
    let inEra = days % 146_097
    let yearInEra = (inEra - inEra / 1460 + inEra / 36_524 - inEra / 146_096) / 365
    let inYear = inEra - (365 * yearInEra + yearInEra / 4 - yearInEra / 100)
    let march = (5 * inYear + 2) / 153
    let day = inYear - (153 * march + 2) / 5 + 1
    let month = march < 10 ? march + 3 : march - 9
    let year = days / 146_097 * 400 + yearInEra + (month <= 2 ? 1 : 0)
    return "\(year)-\(month < 10 ? "0" : "")\(month)-\(day < 10 ? "0" : "")\(day)"
  }
}
