// SPDX-License-Identifier: Apache-2.0

let targets: [String: ([UInt8]) -> Void] = [
  "journal": fuzzJournal,
  "keys": fuzzKeys,
  "line": fuzzLine,
  "live-state": fuzzLiveState,
  "settings": fuzzSettings,
  "signature": fuzzSignature,
  "spool": fuzzSpool,
  "statistics": fuzzStatistics,
  "stream": fuzzStream,
  "topic": fuzzTopic,
]
