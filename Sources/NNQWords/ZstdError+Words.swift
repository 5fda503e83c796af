// SPDX-License-Identifier: Apache-2.0
package import NNQFiles

extension ZstdError {
  /// What is wrong, to stand after the file's name.
  package var words: String {
    switch self {
    case .notAFrame: "not a zstd frame that states its size"
    case .wrongSize(let found, let expected):
      "the zstd frame holds \(found) bytes where \(expected) are expected"
    case .windowTooLarge: "the zstd frame needs a larger window than 8 MiB, in a table than 128 MiB"
    case .truncated: "truncated zstd frame"
    case .damaged(let reason): "damaged zstd frame: \(reason)"
    case .outOfMemory: "no memory for zstd"
    }
  }
}
