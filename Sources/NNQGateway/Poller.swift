// SPDX-License-Identifier: Apache-2.0
import CGateway
import Glibc

/// The descriptors that the loop waits for.
struct Poller: ~Copyable {
  struct Event {
    let token: UInt64
    let isReadable: Bool
    let isWritable: Bool
  }

  private let descriptor: Int32
  private var native = [gateway_event](repeating: gateway_event(), count: 64)
  /// Tokens of files, which epoll does not take because they are always ready.
  private var files: [UInt64] = []

  init() throws(GatewayError) {
    descriptor = gateway_epoll_create()
    guard descriptor >= 0 else { throw GatewayError(call: "epoll_create", errno) }
  }

  deinit { close(descriptor) }

  mutating func add(
    _ watched: Int32, _ events: UInt32, token: UInt64
  ) throws(GatewayError) {
    if gateway_epoll_add(descriptor, watched, events, token) == 0 { return }
    guard errno == EPERM else { throw GatewayError(call: "epoll_ctl", errno) }
    files.append(token)
  }

  /// False when the system refuses; then all is as before.
  mutating func change(_ watched: Int32, _ events: UInt32, token: UInt64) -> Bool {
    if files.contains(token) {
      files.removeAll { $0 == token }
      if events & GATEWAY_READABLE != 0 { files.append(token) }
      return true
    }
    if gateway_epoll_change(descriptor, watched, events, token) == 0 { return true }
    guard errno == ENOENT else { return false }
    // A file that was taken off above and is wanted again.
    files.append(token)
    return true
  }

  mutating func remove(_ watched: Int32, token: UInt64) {
    files.removeAll { $0 == token }
    _ = gateway_epoll_remove(descriptor, watched)
  }

  /// What has happened within so many milliseconds.
  mutating func wait(_ timeout: Int32, _ events: inout [Event]) {
    events.removeAll(keepingCapacity: true)
    let count = unsafe gateway_epoll_wait(
      descriptor, &native, Int32(native.count), files.isEmpty ? timeout : 0)
    for index in 0..<Int(max(count, 0)) {
      let event = native[index]
      events.append(
        Event(
          token: event.token,
          isReadable: event.events & (GATEWAY_READABLE | GATEWAY_BROKEN) != 0,
          isWritable: event.events & (GATEWAY_WRITABLE | GATEWAY_BROKEN) != 0))
    }
    for token in files { events.append(Event(token: token, isReadable: true, isWritable: false)) }
  }
}
