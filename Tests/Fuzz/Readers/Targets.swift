// SPDX-License-Identifier: Apache-2.0

let targets: [String: ([UInt8]) -> Void] = [
  "csv": fuzzCSV,
  "model": fuzzModel,
  "npy": fuzzNumPy,
  "zstd": fuzzZstd,
]
