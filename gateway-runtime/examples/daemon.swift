// SPDX-License-Identifier: Apache-2.0

// The same daemon as daemon.c: daemon IMAGE SIGNATURE KEY.

import Glibc

let key = UnsafeMutablePointer<UInt8>.allocate(capacity: 32)
let deviceClass = strdup("motor")

func bytes(of path: String) -> [UInt8] {
  guard let file = fopen(path, "rb") else { return [] }
  defer { fclose(file) }
  var bytes = [UInt8](repeating: 0, count: 1 << 20)
  let count = fread(&bytes, 1, bytes.count, file)
  return Array(bytes.prefix(count))
}

/// Reads the model and its signature again; what is refused changes nothing.
func reload(_ slot: OpaquePointer, _ paths: [String]) {
  let image = bytes(of: paths[1])
  let status = bytes(of: paths[2]).withUnsafeBufferPointer { signature in
    var check = nnq_sodium_check(
      signature: signature.baseAddress, signature_bytes: signature.count, keys: key, key_count: 1,
      device_class: deviceClass, minimum_version: 0, now: Int64(time(nil)), model_version: 0)
    return nnq_slot_swap(slot, image, image.count, nnq_sodium_verify, &check)
  }
  print("model:", String(cString: nnq_status_name(status)))
}

/// The class of a row of 8-bit input codes and the number of the model that gave it.
func answer(_ slot: OpaquePointer, _ workspace: OpaquePointer, _ codes: [Int8]) -> String {
  guard let live = nnq_slot_take(slot) else { return "no answer" }
  defer { nnq_live_release(live) }  // ours until here
  guard let model = nnq_live_model(live), nnq_input_bits(model) == 8,
    codes.count == Int(nnq_inputs(model))
  else { return "no answer" }
  var output = [Int16](repeating: 0, count: Int(nnq_outputs(model)))
  var label: UInt32 = 0
  guard nnq_live_run(live, workspace, 1, codes, &output) == NNQ_OK,
    nnq_class(model, output, &label, nil) == NNQ_OK
  else { return "no answer" }
  return "class \(label), model \(nnq_live_number(live))"
}

setvbuf(stdout, nil, _IOLBF, 0)
let arguments = CommandLine.arguments
guard arguments.count == 4, let slot = nnq_slot_new(), let workspace = nnq_workspace_new() else {
  exit(2)
}
guard arguments[3].utf8.count == 64,
  sodium_hex2bin(key, 32, arguments[3], 64, nil, nil, nil) == 0
else { exit(2) }
reload(slot, arguments)
while let line = readLine() {
  if line == "reload" {
    reload(slot, arguments)
  } else {
    print(answer(slot, workspace, line.split { ", ".contains($0) }.compactMap { Int8($0) }))
  }
}
