// SPDX-License-Identifier: Apache-2.0
import CNNQVector

/// The SHA-256 of a stream of bytes.
///
/// - Source: FIPS 180-4.
public struct SHA256: Sendable {
  private var state: InlineArray<8, UInt32> = [
    0x6A09_E667, 0xBB67_AE85, 0x3C6E_F372, 0xA54F_F53A,
    0x510E_527F, 0x9B05_688C, 0x1F83_D9AB, 0x5BE0_CD19,
  ]
  /// The bytes after the last whole block: fewer than 64.
  private var rest: [UInt8] = []
  private var length: UInt64 = 0

  /// Whether the CPU's own instructions compress the blocks.
  private let takesInstructions: Bool

  /// The hash of no bytes yet.
  public init() { self.init(takesInstructions: nnq_sha256_is_available() != 0) }

  /// - Parameter takesInstructions: true only where the CPU has them; they change no bit.
  package init(takesInstructions: Bool) { self.takesInstructions = takesInstructions }

  /// The hash of `bytes` in 64 lower-case hexadecimal digits.
  public static func hex(_ bytes: [UInt8]) -> String {
    var hash = SHA256()
    hash.update(bytes.span)
    return hash.hex()
  }

  /// Takes in bytes.
  public mutating func update(_ bytes: Span<UInt8>) {
    length &+= UInt64(bytes.count)
    var start = 0
    if !rest.isEmpty {
      while start < bytes.count, rest.count < 64 {
        rest.append(bytes[start])
        start += 1
      }
      guard rest.count == 64 else { return }
      let block = rest
      compress(block.span)
      rest.removeAll(keepingCapacity: true)
    }
    let whole = (bytes.count - start) / 64 * 64
    compress(bytes.extracting(start..<start + whole))
    for index in start + whole..<bytes.count { rest.append(bytes[index]) }
  }

  /// Takes in bytes.
  public mutating func update(_ bytes: [UInt8]) { update(bytes.span) }

  /// Takes in some of the bytes.
  public mutating func update(_ bytes: [UInt8], in range: Range<Int>) {
    update(bytes.span.extracting(range))
  }

  /// The 32 bytes of the hash of all that was taken in; more may follow.
  public func digest() -> [UInt8] {
    var copy = self
    var padding: [UInt8] = [0x80]
    padding += [UInt8](repeating: 0, count: (119 - rest.count) % 64)
    let bits = length &* 8
    for shift in stride(from: 56, through: 0, by: -8) {
      padding.append(UInt8(truncatingIfNeeded: bits >> UInt64(shift)))
    }
    copy.update(padding.span)
    var bytes: [UInt8] = []
    for index in copy.state.indices {
      for shift in stride(from: 24, through: 0, by: -8) {
        bytes.append(UInt8(truncatingIfNeeded: copy.state[index] >> UInt32(shift)))
      }
    }
    return bytes
  }

  /// ``digest()`` in 64 lower-case hexadecimal digits.
  public func hex() -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in digest() {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }

  // MARK: - Compression

  /// Takes in whole blocks.
  private mutating func compress(_ blocks: Span<UInt8>) {
    guard takesInstructions, !blocks.isEmpty else { return compressByRounds(blocks) }
    unsafe blocks.withUnsafeBufferPointer { blocks in
      var words = state.mutableSpan
      unsafe words.withUnsafeMutableBufferPointer { words in
        if let words = words.baseAddress, let bytes = blocks.baseAddress {
          unsafe nnq_sha256_blocks(words, bytes, blocks.count / 64)
        }
      }
    }
  }

  /// Takes in whole blocks. All additions wrap: they are modulo 2^32.
  private mutating func compressByRounds(_ blocks: Span<UInt8>) {
    let bytes = unsafe blocks.bytes
    var offset = 0
    while offset < bytes.byteCount {
      // The 16 words of the message schedule that are still needed, at index t mod 16.
      var w = InlineArray<16, UInt32>(repeating: 0)
      for index in 0..<16 {
        // In range: the offset is a multiple of 64 below a count that is one.
        let word = unsafe bytes.unsafeLoadUnaligned(
          fromUncheckedByteOffset: offset &+ index &* 4, as: UInt32.self)
        w[index] = UInt32(bigEndian: word)
      }
      var (a, b, c, d) = (state[0], state[1], state[2], state[3])
      var (e, f, g, h) = (state[4], state[5], state[6], state[7])
      var t = 0
      while true {
        // Sixteen rounds with fixed indices: the schedule stays in registers.
        let k = Self.constants[t]
        round(a, b, c, &d, e, f, g, &h, k[0], w[0])
        round(h, a, b, &c, d, e, f, &g, k[1], w[1])
        round(g, h, a, &b, c, d, e, &f, k[2], w[2])
        round(f, g, h, &a, b, c, d, &e, k[3], w[3])
        round(e, f, g, &h, a, b, c, &d, k[4], w[4])
        round(d, e, f, &g, h, a, b, &c, k[5], w[5])
        round(c, d, e, &f, g, h, a, &b, k[6], w[6])
        round(b, c, d, &e, f, g, h, &a, k[7], w[7])
        round(a, b, c, &d, e, f, g, &h, k[8], w[8])
        round(h, a, b, &c, d, e, f, &g, k[9], w[9])
        round(g, h, a, &b, c, d, e, &f, k[10], w[10])
        round(f, g, h, &a, b, c, d, &e, k[11], w[11])
        round(e, f, g, &h, a, b, c, &d, k[12], w[12])
        round(d, e, f, &g, h, a, b, &c, k[13], w[13])
        round(c, d, e, &f, g, h, a, &b, k[14], w[14])
        round(b, c, d, &e, f, g, h, &a, k[15], w[15])
        t &+= 1
        if t == 4 { break }
        expand(&w)
      }
      state[0] &+= a
      state[1] &+= b
      state[2] &+= c
      state[3] &+= d
      state[4] &+= e
      state[5] &+= f
      state[6] &+= g
      state[7] &+= h
      offset &+= 64
    }
  }

  @inline(__always)
  private func round(
    _ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: inout UInt32,
    _ e: UInt32, _ f: UInt32, _ g: UInt32, _ h: inout UInt32, _ k: UInt32, _ w: UInt32
  ) {
    let first = h &+ turn(turn(turn(e, 14) ^ e, 5) ^ e, 6) &+ (g ^ (e & (f ^ g))) &+ k &+ w
    d = d &+ first
    h = first &+ turn(turn(turn(a, 9) ^ a, 11) ^ a, 2) &+ ((a & b) &+ (c & (a ^ b)))
  }

  /// Rotates to the right.
  @inline(__always)
  private func turn(_ x: UInt32, _ count: UInt32) -> UInt32 {
    x &>> count | x &<< (32 &- count)
  }

  /// The next sixteen words of the message schedule.
  @inline(__always)
  private func expand(_ w: inout InlineArray<16, UInt32>) {
    for i in 0..<16 {
      let (x, y) = (w[(i &+ 1) & 15], w[(i &+ 14) & 15])
      let near = turn(x, 7) ^ turn(x, 18) ^ (x &>> 3)
      let far = turn(y, 17) ^ turn(y, 19) ^ (y &>> 10)
      w[i] = w[i] &+ near &+ w[(i &+ 9) & 15] &+ far
    }
  }

  /// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
  private static let constants: InlineArray<4, InlineArray<16, UInt32>> = [
    [
      0x428A_2F98, 0x7137_4491, 0xB5C0_FBCF, 0xE9B5_DBA5, 0x3956_C25B, 0x59F1_11F1, 0x923F_82A4,
      0xAB1C_5ED5, 0xD807_AA98, 0x1283_5B01, 0x2431_85BE, 0x550C_7DC3, 0x72BE_5D74, 0x80DE_B1FE,
      0x9BDC_06A7, 0xC19B_F174,
    ],
    [
      0xE49B_69C1, 0xEFBE_4786, 0x0FC1_9DC6, 0x240C_A1CC, 0x2DE9_2C6F, 0x4A74_84AA, 0x5CB0_A9DC,
      0x76F9_88DA, 0x983E_5152, 0xA831_C66D, 0xB003_27C8, 0xBF59_7FC7, 0xC6E0_0BF3, 0xD5A7_9147,
      0x06CA_6351, 0x1429_2967,
    ],
    [
      0x27B7_0A85, 0x2E1B_2138, 0x4D2C_6DFC, 0x5338_0D13, 0x650A_7354, 0x766A_0ABB, 0x81C2_C92E,
      0x9272_2C85, 0xA2BF_E8A1, 0xA81A_664B, 0xC24B_8B70, 0xC76C_51A3, 0xD192_E819, 0xD699_0624,
      0xF40E_3585, 0x106A_A070,
    ],
    [
      0x19A4_C116, 0x1E37_6C08, 0x2748_774C, 0x34B0_BCB5, 0x391C_0CB3, 0x4ED8_AA4A, 0x5B9C_CA4F,
      0x682E_6FF3, 0x748F_82EE, 0x78A5_636F, 0x84C8_7814, 0x8CC7_0208, 0x90BE_FFFA, 0xA450_6CEB,
      0xBEF9_A3F7, 0xC671_78F2,
    ],
  ]
}
