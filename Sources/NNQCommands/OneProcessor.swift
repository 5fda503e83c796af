// SPDX-License-Identifier: Apache-2.0
import CNNQLimit

/// Runs something on the processor that it starts on, where the system lets it, so that no move to
/// another one disturbs what is timed. Afterwards the thread may run where it could before.
func onOneProcessor<Result, Fault>(_ body: () throws(Fault) -> Result) throws(Fault) -> Result {
  var before = nnq_limit_processors()
  let isBound = unsafe nnq_limit_stay(&before) != 0
  defer {
    if isBound { unsafe nnq_limit_move(&before) }
  }
  return try body()
}
