// SPDX-License-Identifier: Apache-2.0

/// Lends codes as the C runtime takes them: `int8_t` or `int16_t`.
func withCodes<Result>(
  _ codes: [Int16], bits: Int, _ body: (UnsafeRawPointer) -> Result
) -> Result {
  unsafe withScratch(codes: codes.count, bits: bits) { scratch in
    for (index, code) in codes.enumerated() {
      if bits == 8 {
        unsafe scratch.storeBytes(of: Int8(code), toByteOffset: index, as: Int8.self)
      } else {
        unsafe scratch.storeBytes(of: code, toByteOffset: 2 * index, as: Int16.self)
      }
    }
    return unsafe body(UnsafeRawPointer(scratch))
  }
}

/// Lends memory for so many codes; its contents mean nothing.
func withScratch<Result>(
  codes: Int, bits: Int, _ body: (UnsafeMutableRawPointer) -> Result
) -> Result {
  let scratch = UnsafeMutableRawPointer.allocate(
    byteCount: max(codes * (bits / 8), 1), alignment: FirmwareRuntime.alignment)
  defer { unsafe scratch.deallocate() }
  return unsafe body(scratch)
}

/// The codes at an address of the C runtime.
func array(_ codes: UnsafeRawPointer, count: Int, bits: Int) -> [Int16] {
  (0..<count).map { index in
    bits == 8
      ? unsafe Int16(codes.load(fromByteOffset: index, as: Int8.self))
      : unsafe codes.load(fromByteOffset: 2 * index, as: Int16.self)
  }
}
