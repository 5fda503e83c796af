// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQState

/// Statistics that are read are written again with the same bytes, can be merged with themselves, and
/// have figures of drift.
func fuzzStatistics(_ bytes: [UInt8]) {
  let repaired = try? Envelope.state.serialized(Array(bytes.dropFirst(Envelope.byteCount)))
  for file in [bytes, repaired ?? bytes] {
    guard let state = try? ModelState(parsing: file) else { continue }
    must((try? state.serialized()) == file)
    _ = state.driftFromProfile()
    var twice = state
    if (try? twice.merge(state)) != nil { must(twice.rows == 2 * state.rows) }
  }
}
