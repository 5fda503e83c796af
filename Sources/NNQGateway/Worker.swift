// SPDX-License-Identifier: Apache-2.0
import CGateway
import Glibc
import Synchronization

/// A thread that does slow things one after another: reading models, waiting for the disk or for a
/// name to be looked up. What it finds out goes to the loop.
final class Worker: Sendable {
  private let jobs = Mutex<[@Sendable () -> Finding?]>([])
  private let findings = Mutex<[Finding]>([])
  private let bell: Int32
  /// Readable when ``takeFindings()`` has something.
  let wake: Int32

  init() throws(GatewayError) {
    wake = gateway_wake_descriptor()
    bell = gateway_wake_descriptor()
    guard wake >= 0, bell >= 0 else { throw GatewayError(call: "eventfd", errno) }
    var thread = pthread_t()
    // The thread lives as long as the process, and so does the worker.
    let own = unsafe Unmanaged.passRetained(self).toOpaque()
    let code = unsafe pthread_create(&thread, nil, { unsafe workerMain($0) }, own)
    guard code == 0 else { throw GatewayError(call: "pthread_create", code) }
  }

  func post(_ job: @escaping @Sendable () -> Finding?) {
    jobs.withLock { $0.append(job) }
    _ = gateway_wake(bell)
  }

  /// Called by the loop.
  func takeFindings() -> [Finding] {
    gateway_drain(wake)
    return findings.withLock { waiting in
      defer { waiting = [] }
      return waiting
    }
  }

  fileprivate func run() {
    var poll = pollfd(fd: bell, events: Int16(POLLIN), revents: 0)
    while true {
      _ = unsafe Glibc.poll(&poll, 1, -1)
      gateway_drain(bell)
      while true {
        let job: (@Sendable () -> Finding?)? = jobs.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        guard let job else { break }
        guard let finding = job() else { continue }
        findings.withLock { $0.append(finding) }
        _ = gateway_wake(wake)
      }
    }
  }
}

private func workerMain(_ own: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  if let own = unsafe own { unsafe Unmanaged<Worker>.fromOpaque(own).takeUnretainedValue().run() }
  return nil
}
