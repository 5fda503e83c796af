// SPDX-License-Identifier: Apache-2.0

/// What the loop has counted since the daemon started. Counts only grow.
package struct LoopCounters: Equatable, Sendable {
  /// Times that the loop has woken.
  package var turns: UInt64 = 0
  package var connections: UInt64 = 0
  /// Callers that were turned away because there were too many.
  package var refusedConnections: UInt64 = 0
  /// Times that the system had no room for one more caller, who waits then.
  package var failedAccepts: UInt64 = 0
  /// Senders that were cut off because they took no answers.
  package var slowConsumers: UInt64 = 0
  /// Senders that were cut off within a message.
  package var halfOpen: UInt64 = 0
  /// Signs of life that were kept from the watchdog, because the worker did not go on.
  package var withheldWatchdog: UInt64 = 0
  /// Times that the file of the metrics could not be written.
  package var failedMetricsFiles: UInt64 = 0
  /// Reloads that were done, and those that changed nothing because something was wrong.
  package var reloads: UInt64 = 0
  package var failedReloads: UInt64 = 0
}
