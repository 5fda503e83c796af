// SPDX-License-Identifier: Apache-2.0
internal import CNNQLinalg

/// Threads that do the parts of one job together. The caller is worker 0.
@safe package struct WorkerPool: ~Copyable {
  private let pool: OpaquePointer?
  package let workers: Int

  /// As many workers as can be had, at most `wanted`.
  package init(workers wanted: Int) {
    precondition(wanted >= 1)
    let count = min(wanted, 64)
    unsafe pool = count > 1 ? nnq_pool_open(count) : nil
    workers = unsafe pool == nil ? 1 : count
  }

  deinit { unsafe nnq_pool_close(pool) }

  /// Runs `body` for each part, parts dealt to the workers in runs, and returns when all are done.
  ///
  /// The body must write other places for each part; what it computes must not depend on the order.
  package func run(parts: Int, _ body: (Int) -> Void) {
    guard unsafe pool != nil, parts > 1 else {
      for part in 0..<parts { body(part) }
      return
    }
    withoutActuallyEscaping(body) { body in
      var job = Job(parts: parts, workers: workers, body: body)
      // The job outlives the call, which returns when every worker is done with it.
      unsafe withUnsafeMutablePointer(to: &job) { job in
        unsafe nnq_pool_run(
          pool,
          { context, worker in
            guard let job = unsafe context?.assumingMemoryBound(to: Job.self) else { return }
            unsafe job.pointee.run(worker)
          }, job)
      }
    }
  }

  private struct Job {
    let parts: Int
    let workers: Int
    let body: (Int) -> Void

    func run(_ worker: Int) {
      for part in (parts * worker / workers)..<(parts * (worker + 1) / workers) { body(part) }
    }
  }
}
