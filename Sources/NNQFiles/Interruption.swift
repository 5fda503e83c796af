// SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization

/// What is cleaned up when a signal ends the process: the temporary names of unfinished files.
public enum Interruption {
  /// Makes SIGINT, SIGTERM and SIGHUP remove unfinished files and end the process with 128 plus the
  /// signal's number (130 for SIGINT). A signal that the parent ignores stays ignored.
  public static func install() {
    // The list must exist before a handler reads it: its first use allocates.
    _ = unfinished[0].load(ordering: .relaxed)
    for number in [SIGINT, SIGTERM, SIGHUP] {
      var current = sigaction()
      guard unsafe sigaction(number, nil, &current) == 0 else { continue }
      let handler = unsafe unsafeBitCast(current.__sigaction_handler.sa_handler, to: Int.self)
      guard unsafe handler == unsafeBitCast(SIG_DFL, to: Int.self) else { continue }
      _ = signal(number) { number in
        // Only calls that are safe in a handler: no allocation, no lock.
        Interruption.removeUnfinished()
        _exit(128 + number)
      }
    }
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
