// SPDX-License-Identifier: Apache-2.0

/// What the daemon has counted since it started. Counts only grow.
package struct Counters: Equatable, Sendable {
  /// Decisions that were made for messages that were new.
  package var decisions: UInt64 = 0
  /// Messages whose sequence number had been answered before.
  package var duplicates: UInt64 = 0
  /// Those among them whose answer was not known any more.
  package var forgotten: UInt64 = 0
  /// `[MessageFault]`, messages that were answered with an error.
  package var faults = [UInt64](repeating: 0, count: MessageFault.allCases.count)

  package init() {}

  package mutating func count(_ fault: MessageFault) { faults[Int(fault.rawValue) - 1] += 1 }
  package func count(of fault: MessageFault) -> UInt64 { faults[Int(fault.rawValue) - 1] }
}
