// SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization

/// The results of `body` for `0 ..< count`, in order; at most `threads` parts are done at a time.
///
/// Each part is computed alone, so no result depends on the number of threads. Where a thread cannot be
/// had, the others do its work.
func concurrentMap<Part: Sendable>(
  _ count: Int, threads: Int, _ body: @escaping @Sendable (Int) -> Part
) -> [Part] {
  let threads = min(threads, count)
  guard threads > 1 else { return (0..<count).map(body) }
  let parts = Mutex([Part?](repeating: nil, count: count))
  let job = Job(count: count) { index in
    let part = body(index)
    parts.withLock { $0[index] = part }
  }
  let context = unsafe Unmanaged.passUnretained(job).toOpaque()
  var helpers: [pthread_t] = []
  for _ in 1..<threads {
    var helper = pthread_t()
    let failure = unsafe pthread_create(
      &helper, nil,
      { context in
        if let context = unsafe context {
          unsafe Unmanaged<Job>.fromOpaque(context).takeUnretainedValue().work()
        }
        return nil
      }, context)
    if failure != 0 { break }
    helpers.append(helper)
  }
  job.work()
  for helper in helpers { _ = pthread_join(helper, nil) }
  return parts.withLock { $0.compactMap { $0 } }
}

private final class Job: Sendable {
  private let count: Int
  private let body: @Sendable (Int) -> Void
  private let next = Atomic<Int>(0)

  init(count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    self.count = count
    self.body = body
  }

  /// Takes parts until none is left.
  func work() {
    while true {
      let index = next.add(1, ordering: .relaxed).oldValue
      guard index < count else { return }
      body(index)
    }
  }
}
