// SPDX-License-Identifier: Apache-2.0

/// Notices that somebody has set the wall clock, or that the machine has slept. Only the ends of keys
/// and signatures are read from that clock; all waiting is done on the monotonic one.
package struct ClockWatch: Sendable {
  /// A clock that is disciplined in small steps is not set.
  private static let smallest: Int64 = 1000
  package private(set) var jumps: UInt64 = 0
  private var offset: Int64?

  package init() {}

  /// Compares the clocks, both in milliseconds; by how much the wall clock has jumped since the last
  /// time, nil for not at all.
  package mutating func look(monotonic: Int64, wall: Int64) -> Int64? {
    // Any clock may come; what is out of range is far enough.
    let now = wall.subtractingReportingOverflow(monotonic).partialValue
    defer { offset = now }
    guard let offset else { return nil }
    let jump = now.subtractingReportingOverflow(offset).partialValue
    guard jump.magnitude >= UInt64(Self.smallest) else { return nil }
    jumps += 1
    return jump
  }
}
