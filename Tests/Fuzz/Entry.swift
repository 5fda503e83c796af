// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// What libFuzzer calls. A target ends the process when something is wrong with what the code under test
/// made of the bytes.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  target(Array(UnsafeBufferPointer(start: bytes, count: count)))
  return 0
}

/// The targets of a folder are one program, which does what it is called.
private let target: ([UInt8]) -> Void = {
  let name = CommandLine.arguments[0].split(separator: "/").last.map(String.init) ?? ""
  guard let target = targets[name] else { fatalError("\(name) is no target") }
  return target
}()

func must(_ holds: Bool, file: StaticString = #file, line: UInt = #line) {
  guard holds else { fatalError("a promise is broken", file: file, line: line) }
}

/// Makes the checksums right of records `u32` length, `u32` CRC-32C, bytes, so that the checks behind
/// them are reached.
func repairRecords(_ bytes: inout [UInt8], from start: Int) {
  var position = start
  while bytes.count - position >= 8 {
    let length = (0..<4).reduce(0) { $0 | Int(bytes[position + $1]) << (8 * $1) }
    guard length <= bytes.count - position - 8 else { return }
    let body = position + 8
    put(crc32c(bytes[body..<body + length]), at: position + 4, &bytes)
    position = body + length
  }
}

func put(_ value: UInt32, at start: Int, _ bytes: inout [UInt8]) {
  for index in 0..<4 {
    bytes[start + index] = UInt8(truncatingIfNeeded: value >> UInt32(8 * index))
  }
}
