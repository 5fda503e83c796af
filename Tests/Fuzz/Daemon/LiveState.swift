// SPDX-License-Identifier: Apache-2.0
@testable import NNQGateway

/// A state file of any text names hashes and a version, or is none.
func fuzzLiveState(_ bytes: [UInt8]) {
  guard let state = ModelStore.State(parsing: String(decoding: bytes, as: UTF8.self)) else {
    return
  }
  for identity in [state.live, state.previous ?? state.live] + state.done {
    must(identity.utf8.count == 64 && !identity.contains("/"))
  }
}
