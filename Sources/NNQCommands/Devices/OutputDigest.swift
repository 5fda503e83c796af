// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQRuntime

/// The digest that the driver of firmware-runtime/targets prints, computed here.
///
/// - Returns: FNV-1a with 64 bits over the output codes, low byte first, of so many vectors.
func outputDigest(_ image: FlatImage, vectors: Int) throws -> UInt64 {
  var runtime = try FirmwareRuntime(image: try image.serialized(), kernel: .scalar)
  var state: UInt32 = 1
  func next() -> UInt32 {
    state ^= state << 13
    state ^= state >> 17
    state ^= state << 5
    return state
  }
  var digest: UInt64 = 0xCBF2_9CE4_8422_2325
  for vector in 0..<vectors {
    let input = (0..<image.inputs).map { index in
      var bits = next() >> 16
      if vector < 2 { bits = (index + vector).isMultiple(of: 2) ? 0x8080 : 0x7F7F }
      return image.inputWidth == .eight
        ? Int16(Int8(truncatingIfNeeded: bits)) : Int16(truncatingIfNeeded: bits)
    }
    for byte in image.outputWidth.bytes(of: runtime.run(input)) {
      digest = (digest ^ UInt64(byte)) &* 0x100_0000_01B3
    }
  }
  return digest
}
