// SPDX-License-Identifier: Apache-2.0

// The same daemon as daemon.c: daemon IMAGE KEY.pub.

import Glibc

func bytes(of path: String) -> [UInt8] {
  guard let file = fopen(path, "rb") else { return [] }
  defer { fclose(file) }
  var bytes = [UInt8](repeating: 0, count: 1 << 20)
  let count = fread(&bytes, 1, bytes.count, file)
  return Array(bytes.prefix(count))
}

/// Reads the model and its signature again; what is refused changes nothing.
func reload(_ slot: OpaquePointer, _ path: String, _ key: [UInt8]) {
  let image = bytes(of: path)
  let signature = bytes(of: path + ".sig")
  let status = signature.withUnsafeBufferPointer { signature in
    key.withUnsafeBufferPointer { key in
      "motor".withCString { deviceClass in
        var check = nnq_sodium_check(
          signature: signature.baseAddress, signature_bytes: signature.count,
          keys: key.baseAddress, key_count: 1, device_class: deviceClass, minimum_version: 0,
          now: Int64(time(nil)), model_version: 0)
        return nnq_slot_swap(slot, image, image.count, nnq_sodium_verify, &check)
      }
    }
  }
  print("model:", String(cString: nnq_status_name(status)))
}

/// The class of a row of input codes and the number of the model that gave it.
func answer(_ slot: OpaquePointer, _ workspace: OpaquePointer, _ codes: [Int16]) -> String {
  guard let live = nnq_slot_take(slot) else { return "no answer" }
  defer { nnq_live_release(live) }  // ours until here
  guard let model = nnq_live_model(live), codes.count == Int(nnq_inputs(model)) else {
    return "no answer"
  }
  var output = [Int16](repeating: 0, count: Int(nnq_outputs(model)))
  let status =
    nnq_input_bits(model) == 8
    ? nnq_live_run(live, workspace, 1, codes.map { Int8(clamping: $0) }, &output)
    : nnq_live_run(live, workspace, 1, codes, &output)
  var label: UInt32 = 0
  guard status == NNQ_OK, nnq_class(model, output, &label, nil) == NNQ_OK else {
    return "no answer"
  }
  return "class \(label), model \(nnq_live_number(live))"
}

setvbuf(stdout, nil, _IOLBF, 0)
guard CommandLine.arguments.count == 3, let slot = nnq_slot_new(),
  let workspace = nnq_workspace_new()
else { exit(2) }
let words = String(decoding: bytes(of: CommandLine.arguments[2]), as: UTF8.self)
  .split(separator: " ")
let digits = words.count > 1 ? Array(words[1]) : []
let key = stride(from: 0, to: digits.count - 1, by: 2).compactMap {
  UInt8(String(digits[$0...$0 + 1]), radix: 16)
}
guard key.count == 32 else { exit(2) }
reload(slot, CommandLine.arguments[1], key)
while let line = readLine() {
  if line == "reload" {
    reload(slot, CommandLine.arguments[1], key)
  } else {
    print(answer(slot, workspace, line.split { ", ".contains($0) }.compactMap { Int16($0) }))
  }
}
