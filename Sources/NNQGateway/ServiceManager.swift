// SPDX-License-Identifier: Apache-2.0
import CGateway
import Glibc

/// The side of systemd: readiness, status and watchdog as datagrams, and a socket that it opened.
package struct ServiceManager: Sendable {
  private let socket: String?
  /// The time within which the watchdog wants a sign of life; nil without a watchdog.
  package let watchdogMilliseconds: Int64?

  /// Reads `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID`.
  package init() {
    socket = Self.variable("NOTIFY_SOCKET")
    let isForOther = Self.variable("WATCHDOG_PID").map { $0 != "\(getpid())" } ?? false
    let period = Self.variable("WATCHDOG_USEC").flatMap { Int64($0) } ?? 0
    watchdogMilliseconds = period > 0 && !isForOther ? max(period / 1000, 1) : nil
  }

  package func notify(_ text: String) {
    if let socket { _ = unsafe gateway_notify(socket, text) }
  }

  /// Whether a socket was handed over to this process.
  static var isActivated: Bool { activatedCount > 0 }

  /// The listening socket that was handed over; nil when there is none.
  ///
  /// - Throws: ``GatewayError`` when what was handed over does not listen.
  static func activatedSocket() throws(GatewayError) -> Int32? {
    guard isActivated else { return nil }
    if activatedCount > 1 {
      Log.write(.warning, "of \(activatedCount) sockets that were handed over one is served")
    }
    let first: Int32 = 3
    var listens: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    guard unsafe getsockopt(first, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0,
      gateway_set_nonblocking(first) == 0
    else { throw GatewayError(call: "the socket of LISTEN_FDS", errno) }
    guard listens != 0 else { throw GatewayError(call: "the socket of LISTEN_FDS", EINVAL) }
    return first
  }

  private static var activatedCount: Int {
    guard variable("LISTEN_PID") == "\(getpid())" else { return 0 }
    return variable("LISTEN_FDS").flatMap { Int($0) } ?? 0
  }

  private static func variable(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    return unsafe String(cString: value)
  }
}
