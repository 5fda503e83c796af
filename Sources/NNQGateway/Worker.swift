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
  /// When the job at hand began; 0 without one.
  private let busySince = Atomic<Int64>(0)
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

  /// How long the job at hand has taken so far.
  func busyMilliseconds(_ now: Int64) -> Int64 {
    let since = busySince.load(ordering: .relaxed)
    return since == 0 ? 0 : now - since
  }

  /// Waits for all jobs that were posted, for at most so long; false when some are left.
  func finish(milliseconds: Int64) -> Bool {
    let deadline = monotonicMilliseconds() + milliseconds
    while monotonicMilliseconds() < deadline {
      if jobs.withLock({ $0.isEmpty }), busySince.load(ordering: .relaxed) == 0 { return true }
      usleep(1000)
    }
    return false
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
        let job: (@Sendable () -> Finding?)? = jobs.withLock { waiting in
          guard !waiting.isEmpty else { return nil }
          // Under the lock, so that the worker never seems idle between the list and the job.
          busySince.store(monotonicMilliseconds(), ordering: .relaxed)
          return waiting.removeFirst()
        }
        guard let job else { break }
        let finding = job()
        busySince.store(0, ordering: .relaxed)
        guard let finding else { continue }
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
