// SPDX-License-Identifier: Apache-2.0
import NNQFiles
import Testing

@Suite struct ZstdTests {
  static let sample = (0..<5000).map { UInt8(truncatingIfNeeded: $0 * $0 / 7) }

  @Test("gives back what it packed", arguments: [0, 1, 100, 5000])
  func roundTrip(count: Int) throws {
    let bytes = Array(Self.sample.prefix(count))
    let frame = try Zstd.compress(bytes)
    #expect(try Zstd.decompress(frame[...], size: count) == bytes)
  }

  @Test("packs more than a window into a frame that it accepts")
  func large() throws {
    let bytes = [UInt8](repeating: 3, count: 20_000_000)
    let frame = try Zstd.compress(bytes, level: 1)
    #expect(try Zstd.decompress(frame[...], size: bytes.count) == bytes)
  }

  @Test("refuses a frame cut at every length")
  func truncated() throws {
    let frame = try Zstd.compress(Self.sample)
    for length in 0..<frame.count {
      #expect(throws: ZstdError.self) {
        try Zstd.decompress(frame[..<length], size: Self.sample.count)
      }
    }
  }

  @Test("refuses bytes after the frame, a second frame among them")
  func trailing() throws {
    let frame = try Zstd.compress(Self.sample)
    for more in [[0], frame] {
      #expect(throws: ZstdError.damaged(reason: "bytes after the frame")) {
        try Zstd.decompress((frame + more)[...], size: Self.sample.count)
      }
    }
  }

  @Test("refuses another size than expected")
  func wrongSize() throws {
    let frame = try Zstd.compress(Self.sample)
    #expect(throws: ZstdError.wrongSize(found: 5000, expected: 4999)) {
      try Zstd.decompress(frame[...], size: 4999)
    }
  }

  /// A frame head without a checksum, then one empty last block.
  static func frame(descriptor: UInt8, _ fields: [UInt8]) -> [UInt8] {
    [0x28, 0xB5, 0x2F, 0xFD, descriptor] + fields + [0x01, 0x00, 0x00]
  }

  @Test("refuses a bomb by what its head states, before anything is allocated")
  func bomb() {
    // The content size takes 8 bytes: 2^60.
    let bomb = Self.frame(descriptor: 0xE0, [0, 0, 0, 0, 0, 0, 0, 0x10])
    #expect(throws: ZstdError.wrongSize(found: 1 << 60, expected: 100)) {
      try Zstd.decompress(bomb[...], size: 100)
    }
  }

  @Test("refuses a window above 2^23 bytes and takes one of 2^23")
  func window() throws {
    // One byte of window, then a content size of 8 bytes: 0.
    let head: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0]
    let largest = Self.frame(descriptor: 0xC0, [13 << 3] + head)
    #expect(try Zstd.decompress(largest[...], size: 0) == [])
    let tooLarge = Self.frame(descriptor: 0xC0, [13 << 3 | 1] + head)
    #expect(throws: ZstdError.windowTooLarge) { try Zstd.decompress(tooLarge[...], size: 0) }
  }

  @Test("refuses what is no frame, a skippable frame and one without a size")
  func notAFrame() {
    let skippable: [UInt8] = [0x50, 0x2A, 0x4D, 0x18, 0, 0, 0, 0]
    let sizeless = Self.frame(descriptor: 0x00, [0x58])
    for bytes in [[], [1, 2, 3, 4, 5, 6], skippable, sizeless] {
      #expect(throws: ZstdError.notAFrame) { try Zstd.decompress(bytes[...], size: 0) }
    }
  }

  @Test("never traps on a damaged frame")
  func damaged() throws {
    let frame = try Zstd.compress(Self.sample)
    for index in frame.indices {
      for bit in 0..<8 {
        var bytes = frame
        bytes[index] ^= 1 << bit
        let result = try? Zstd.decompress(bytes[...], size: Self.sample.count)
        #expect(result == nil || result?.count == Self.sample.count)
      }
    }
  }
}
