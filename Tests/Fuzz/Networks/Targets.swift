// SPDX-License-Identifier: Apache-2.0

let targets: [String: ([UInt8]) -> Void] = [
  "onnx": fuzzNetwork,
  "safetensors": fuzzNetwork,
  "tflite": fuzzNetwork,
]
