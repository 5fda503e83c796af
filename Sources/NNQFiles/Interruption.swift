// SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization

/// What is cleaned up when a signal ends the process: the temporary names of unfinished files, and a child
/// with its processes.
public enum Interruption {
  /// Makes SIGINT, SIGTERM and SIGHUP remove unfinished files and end the process with 128 plus the
  /// signal's number (130 for SIGINT). A signal that the parent ignores stays ignored.
  public static func install() {
    // The list must exist before a handler reads it: its first use allocates.
    _ = unfinished[0].load(ordering: .relaxed)
    _ = work.isUnderWay.load(ordering: .relaxed)
    for number in [SIGINT, SIGTERM, SIGHUP] {
      var current = sigaction()
      guard unsafe sigaction(number, nil, &current) == 0 else { continue }
      let handler = unsafe unsafeBitCast(current.__sigaction_handler.sa_handler, to: Int.self)
      guard unsafe handler == unsafeBitCast(SIG_DFL, to: Int.self) else { continue }
      _ = signal(number) { number in
        // Only calls that are safe in a handler: no allocation, no lock.
        let child = work.child.load(ordering: .acquiring)
        if child > 0 { kill(-child, SIGKILL) }
        if work.isUnderWay.load(ordering: .acquiring),
          work.signal.exchange(number, ordering: .acquiringAndReleasing) == 0
        {
          return
        }
        Interruption.end(with: number)
      }
    }
  }

  /// Begins work that leaves more behind than files with a temporary name: a signal ends its child alone,
  /// and the process in ``endWork()``, once that is cleaned up. A second signal ends the process at once.
  public static func beginWork() { work.isUnderWay.store(true, ordering: .releasing) }

  /// Ends the process when a signal came since ``beginWork()``.
  public static func endWork() {
    work.isUnderWay.store(false, ordering: .releasing)
    let number = work.signal.load(ordering: .acquiring)
    if number > 0 { end(with: number) }
  }

  /// Names the process group that a signal kills; 0 for none. One that came before its start kills it now.
  public static func setChild(_ group: Int32) {
    work.child.store(group, ordering: .releasing)
    if group > 0, work.signal.load(ordering: .acquiring) > 0 { kill(-group, SIGKILL) }
  }

  private static func end(with number: Int32) -> Never {
    removeUnfinished()
    _exit(128 + number)
  }

  /// Puts a file on the list; nil when the list is full, and the file then outlives an interruption.
  static func begin(_ path: String) -> Int? {
    // The copy is never freed: a handler on another thread may be reading it. It is a few bytes
    // for each file that a process writes.
    guard let copy = unsafe strdup(path) else { return nil }
    let address = UInt(bitPattern: copy)
    for slot in unfinished.indices
    where unfinished[slot].compareExchange(
      expected: 0, desired: address, ordering: .acquiringAndReleasing
    ).exchanged {
      return slot
    }
    unsafe free(copy)
    return nil
  }

  /// Takes a file off the list.
  static func end(_ slot: Int?) {
    if let slot { unfinished[slot].store(0, ordering: .releasing) }
  }

  private static func removeUnfinished() {
    for slot in unfinished.indices {
      let address = unfinished[slot].load(ordering: .acquiring)
      if let path = unsafe UnsafePointer<CChar>(bitPattern: address) { _ = unsafe unlink(path) }
    }
  }
}

/// Addresses of C strings; 0 where there is none.
private let unfinished = InlineArray<8, Atomic<UInt>> { _ in Atomic(0) }

/// The work at hand, as a handler sees it.
private struct Work: ~Copyable, Sendable {
  let isUnderWay = Atomic(false)
  /// The process group of its child; 0 for none.
  let child = Atomic<pid_t>(0)
  /// The first signal that came meanwhile; 0 for none.
  let signal = Atomic<Int32>(0)
}

private let work = Work()
