// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQFiles
import NNQTestSupport
import Testing

@Suite struct ByteSourceTests {
  let folder = TemporaryFolder()

  static func all(_ path: String, step: Int = 1000) throws(ByteSourceError) -> [UInt8] {
    var source = try ByteSource(path)
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: step)
    while true {
      let got = try source.read(into: &chunk, at: 0..<step)
      if got == 0 { return bytes }
      bytes += chunk[..<got]
    }
  }

  static let sample = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* $0 / 251) }

  @Test("hands over a plain file", arguments: [0, 1, 2, 3, 4, 5, 300_000])
  func plain(count: Int) throws {
    // Starts like a zstd frame for as long as it can.
    let bytes = Array(([0x28, 0xB5, 0x2F, 0xFE] + Self.sample).prefix(count))
    #expect(try Self.all(folder.put(bytes, in: "a")) == bytes)
  }

  @Test("unpacks a zstd file whatever its name", arguments: [1, 7, 4096, 1_000_000])
  func packed(step: Int) throws {
    let path = folder.put(try Zstd.compress(Self.sample), in: "a.csv")
    #expect(try Self.all(path, step: step) == Self.sample)
  }

  @Test("several frames, skippable ones among them, are one stream")
  func frames() throws {
    let frame = try Zstd.compress(Self.sample)
    let skippable: [UInt8] = [0x53, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 9, 9, 9]
    let path = folder.put(skippable + frame + skippable + frame, in: "a")
    #expect(try Self.all(path) == Self.sample + Self.sample)
  }

  @Test("a file cut inside a frame is truncated", arguments: [4, 5, 10, 500, -1])
  func truncated(length: Int) throws {
    let frame = try Zstd.compress(Self.sample)
    let path = folder.put(Array(frame.prefix(length < 0 ? frame.count - 1 : length)), in: "a")
    #expect(throws: ByteSourceError.zstd(path: path, .truncated)) { try Self.all(path) }
  }

  @Test("bytes after a frame that are no frame are damage")
  func trailing() throws {
    let path = folder.put(try Zstd.compress(Self.sample) + [1, 2, 3, 4, 5, 6, 7, 8], in: "a")
    #expect(throws: ByteSourceError.self) { try Self.all(path) }
  }

  @Test("refuses a window above 2^27 bytes")
  func window() throws {
    let largest = folder.put(ZstdTests.frame(descriptor: 0, [17 << 3]), in: "a")
    #expect(try Self.all(largest) == [])
    let tooLarge = folder.put(ZstdTests.frame(descriptor: 0, [17 << 3 | 1]), in: "b")
    #expect(throws: ByteSourceError.zstd(path: tooLarge, .windowTooLarge)) {
      try Self.all(tooLarge)
    }
  }

  @Test("looks ahead without taking anything", arguments: [false, true])
  func ahead(isPacked: Bool) throws {
    let path = folder.put(isPacked ? try Zstd.compress(Self.sample) : Self.sample, in: "a")
    var source = try ByteSource(path)
    #expect(try source.starts(with: Array(Self.sample.prefix(6))))
    #expect(try !source.starts(with: [9, 9]))
    #expect(try source.starts(with: Array(Self.sample.prefix(9))))
    var bytes = [UInt8](repeating: 0, count: 20)
    let got = try source.read(into: &bytes, at: 2..<20)
    #expect(got > 0)
    #expect(Array(bytes[2..<2 + got]) == Array(Self.sample.prefix(got)))
  }

  @Test("hands over what a pipe holds while the pipe stays open")
  func pipe() throws {
    let path = folder("pipe")
    let made = unsafe mkfifo(path, 0o600)
    try #require(made == 0)
    // Opened for both directions so that neither end waits for the other.
    let descriptor = unsafe open(path, O_RDWR)
    defer { close(descriptor) }
    var source = try ByteSource(path)
    var bytes = [UInt8](repeating: 0, count: 100)
    for text in ["a", "bc\n", "(\u{b5}"] {
      let sent = Array(text.utf8)
      _ = unsafe sent.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
      let got = try source.read(into: &bytes, at: 0..<100)
      #expect(Array(bytes[..<got]) == sent)
    }
  }

  @Test("a missing file is an error that names the path")
  func missing() {
    let error = FileError(path: folder("a"), operation: .open, code: ENOENT)
    #expect(throws: ByteSourceError.file(error)) { try Self.all(folder("a")) }
  }
}
