// SPDX-License-Identifier: Apache-2.0
import Machine
import NNQFormat
import NNQReference

/// The program of `driver.c` with the reference inference in place of the C runtime: the same vectors,
/// the same digest, in Embedded Swift.
///
/// - Returns: 0, or 1 when the image is not accepted.
@c(run_driver)
public func runDriver() -> Int32 {
  let bytes = unsafe [UInt8](UnsafeBufferPointer(start: model_image(), count: model_image_bytes()))
  guard let image = try? FlatImage(parsing: bytes) else {
    unsafe machine_print("status", 1)
    return 1
  }
  let inference = Int8Inference(image)
  var state: UInt32 = 1
  var digest: UInt64 = 0xCBF2_9CE4_8422_2325
  let vectors = model_vectors()
  for vector in 0..<vectors {
    let input = inputCodes(image, vector: vector, state: &state)
    count_begin()
    let output = inference.run(input)
    count_end()
    for code in output {
      digest = (digest ^ UInt64(UInt8(truncatingIfNeeded: code))) &* 0x100_0000_01B3
      if image.outputWidth == .sixteen {
        digest = (digest ^ UInt64(UInt8(truncatingIfNeeded: code >> 8))) &* 0x100_0000_01B3
      }
    }
  }
  unsafe machine_print("vectors", vectors)
  unsafe machine_print("digest_high", UInt32(digest >> 32))
  unsafe machine_print("digest_low", UInt32(truncatingIfNeeded: digest))
  return 0
}

/// The first two vectors drive the sums to their ends; the rest are random.
private func inputCodes(_ image: FlatImage, vector: UInt32, state: inout UInt32) -> [Int16] {
  var codes: [Int16] = []
  codes.reserveCapacity(image.inputs)
  for index in 0..<image.inputs {
    state ^= state << 13
    state ^= state >> 17
    state ^= state << 5
    var bits = state >> 16
    if vector < 2 { bits = (UInt32(index) + vector) & 1 == 0 ? 0x8080 : 0x7F7F }
    codes.append(
      image.inputWidth == .eight
        ? Int16(Int8(truncatingIfNeeded: bits)) : Int16(truncatingIfNeeded: bits))
  }
  return codes
}
