// SPDX-License-Identifier: Apache-2.0
import CGateway
import Glibc

/// The side of systemd: readiness, status and watchdog as datagrams, and a socket that it opened.
package struct ServiceManager: Sendable {
  private let socket: String?
  /// Half of the time within which the watchdog wants a sign of life; nil without a watchdog.
  package let watchdogMilliseconds: Int64?

  /// Reads `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID`.
  package init() {
    socket = Self.variable("NOTIFY_SOCKET")
    let isForOther = Self.variable("WATCHDOG_PID").map { $0 != "\(getpid())" } ?? false
    let period = Self.variable("WATCHDOG_USEC").flatMap { Int64($0) } ?? 0
    watchdogMilliseconds = period > 0 && !isForOther ? max(period / 2000, 1) : nil
  }

  package func notify(_ text: String) {
    if let socket { _ = unsafe gateway_notify(socket, text) }
  }

  /// The listening socket that was handed over; nil when there is none.
  static func activatedSocket() -> Int32? {
    guard variable("LISTEN_PID") == "\(getpid())",
      let count = variable("LISTEN_FDS").flatMap({ Int($0) }),
      count >= 1
    else { return nil }
    let first: Int32 = 3
    guard gateway_set_nonblocking(first) == 0 else { return nil }
    _ = unsafe unsetenv("LISTEN_PID")
    return first
  }

  private static func variable(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    return unsafe String(cString: value)
  }
}
