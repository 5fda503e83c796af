// SPDX-License-Identifier: Apache-2.0

/// What all senders together hold in memory: messages that are not complete and answers that are not
/// taken.
final class SenderMemory {
  /// Beyond it, nothing is read from senders whose answers wait or whose message needs more room.
  static let limit = 1 << 24

  /// Below it, a sender of many messages is given room for more of them at a time.
  static let roomy = limit / 2

  fileprivate(set) var bytes = 0

  /// Replaces what a sender held by what it holds.
  func change(_ old: Int, to new: Int) { bytes += new - old }
}
