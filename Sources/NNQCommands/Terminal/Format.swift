// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Numbers as people read them, always with their unit.
enum Format {
  /// The number with exactly so many decimals, rounded to nearest from its exact value.
  static func fixed(_ value: Double, decimals: Int) -> String {
    printed("%.*f", Int32(min(max(decimals, 0), 30)), value)
  }

  /// The number with so many significant digits, trailing zeros left out; very large and very small
  /// ones with an exponent.
  static func significant(_ value: Double, digits: Int) -> String {
    printed("%.*g", Int32(min(max(digits, 1), 30)), value)
  }

  /// For example `512 B`, `3.1 KiB`, `64.0 MiB`.
  static func bytes(_ count: Int) -> String {
    guard count.magnitude >= 1024 else { return "\(count) B" }
    var value = Double(count) / 1024
    var unit = "KiB"
    // 1023.95 would be printed as 1024.0 of the smaller unit.
    for larger in ["MiB", "GiB", "TiB", "PiB"] where abs(value) >= 1023.95 {
      value /= 1024
      unit = larger
    }
    return "\(fixed(value, decimals: 1)) \(unit)"
  }

  /// Three significant digits, for example `850 ns`, `1.24 ms`, `12.0 s`.
  static func time(seconds: Double) -> String {
    guard seconds.isFinite else { return "\(seconds) s" }
    var value = seconds * 1e9
    var unit = "ns"
    // 999.5 would be printed as 1000 of the smaller unit.
    for larger in ["µs", "ms", "s"] where abs(value) >= 999.5 {
      value /= 1000
      unit = larger
    }
    let size = abs(value)
    let decimals = size < 9.995 ? 2 : size < 99.95 ? 1 : 0
    return "\(fixed(value, decimals: decimals)) \(unit)"
  }

  /// A share as a percentage with two decimals, and more of them where 0 % or 100 % would be untrue:
  /// `0.42 %`, `0.0031 %`, `99.9986 %`.
  static func percent(_ share: Double) -> String {
    let percent = share * 100
    let distance = min(abs(percent), abs(100 - percent))
    var decimals = 2
    if distance > 0, distance < 0.1 { decimals = min(1 + Int((-log10(distance)).rounded(.up)), 8) }
    return "\(fixed(percent, decimals: decimals)) %"
  }

  private static func printed(_ format: String, _ precision: Int32, _ value: Double) -> String {
    // The largest: a sign, 309 digits, a point and 30 decimals.
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 352) { buffer in
      let count = unsafe withVaList([precision, value]) {
        unsafe vsnprintf(buffer.baseAddress, buffer.count, format, $0)
      }
      let bytes = unsafe buffer.prefix(Int(count)).map { UInt8(bitPattern: $0) }
      return String(decoding: bytes, as: UTF8.self)
    }
  }
}
