// SPDX-License-Identifier: Apache-2.0

/// Why a ``ByteSource`` ended early.
public enum ByteSourceError: Error, Equatable, Sendable {
  case file(FileError)
  /// The file at `path` (`-` is standard input) starts as a zstd frame, and a frame is at fault.
  case zstd(path: String, ZstdError)
}

/// A stream of bytes from a file or, for `-`, from standard input, in constant memory.
///
/// A zstd file is recognised by its first bytes, whatever its name, and unpacked on the way;
/// several frames in a row are one stream, as the `zstd` tool has it. A frame may need a window of
/// at most 2^27 bytes.
public struct ByteSource: ~Copyable {
  private let file: InputFile
  private var decoder: ZstdDecoder?
  /// What was read from the file and not yet handed on or unpacked: `packed[start..<end]`.
  private var packed: [UInt8]
  private var start = 0
  private var end = 0
  private var isRecognised = false
  /// Bytes of the stream that were looked at before they were asked for.
  private var ahead: ArraySlice<UInt8> = []

  /// How many bytes are asked of the file at once: ``chunkSize``, or fewer where it says that it is small.
  public let step: Int

  /// The size of the steps in which a large file is read.
  public static let chunkSize = 1 << 18
  private static let smallestStep = 1 << 14
  /// The largest window of a zstd frame: 2^27 bytes.
  public static let largestWindowLog: Int32 = 27

  /// - Throws: ``ByteSourceError`` when the file cannot be opened.
  public init(_ path: String) throws(ByteSourceError) {
    do { file = try InputFile(path) } catch { throw .file(error) }
    // A pipe says 0.
    let stated = file.statedSize
    step = stated == 0 ? Self.chunkSize : min(max(stated, Self.smallestStep), Self.chunkSize)
    packed = [UInt8](repeating: 0, count: step)
  }

  /// The path as the caller gave it.
  public var path: String { file.path }

  /// Puts bytes into `bytes` at `range` and returns how many; 0 only at the end.
  ///
  /// Hands over what is there: it waits only while there is nothing at all.
  public mutating func read(
    into bytes: inout [UInt8], at range: Range<Int>
  ) throws(ByteSourceError) -> Int {
    precondition(!range.isEmpty)
    if !ahead.isEmpty {
      let count = min(ahead.count, range.count)
      bytes.replaceSubrange(range.prefix(count), with: ahead.prefix(count))
      ahead = ahead.dropFirst(count)
      return count
    }
    return try readOn(into: &bytes, at: range)
  }

  /// Whether the stream starts with these bytes; they stay to be read. Ask before the first read.
  public mutating func starts(with prefix: [UInt8]) throws(ByteSourceError) -> Bool {
    var chunk = [UInt8](repeating: 0, count: max(prefix.count, 1))
    // Stops at the first difference, so that a pipe that stays open is not waited for in vain.
    while ahead.count < prefix.count, prefix.starts(with: ahead) {
      let got = try readOn(into: &chunk, at: 0..<prefix.count - ahead.count)
      if got == 0 { break }
      ahead += chunk[..<got]
    }
    return ahead.starts(with: prefix)
  }

  // MARK: - Reading on

  private mutating func readOn(
    into bytes: inout [UInt8], at range: Range<Int>
  ) throws(ByteSourceError) -> Int {
    if !isRecognised { try recognise() }
    if decoder != nil { return try unpack(into: &bytes, at: range) }
    if start < end {
      let count = min(end - start, range.count)
      bytes.replaceSubrange(range.prefix(count), with: packed[start..<start + count])
      start += count
      return count
    }
    do { return try file.read(into: &bytes, at: range) } catch { throw .file(error) }
  }

  /// Reads as much as is needed to tell a zstd file from any other.
  private mutating func recognise() throws(ByteSourceError) {
    while end < 4, Zstd.mayStartStream(packed[..<min(end, 4)]) {
      do {
        let got = try file.read(into: &packed, at: end..<packed.count)
        if got == 0 { break }
        end += got
      } catch { throw .file(error) }
    }
    if end >= 4, Zstd.mayStartStream(packed[..<4]) {
      do { decoder = try ZstdDecoder(largestWindowLog: Self.largestWindowLog) } catch {
        throw .zstd(path: path, error)
      }
    }
    isRecognised = true
  }

  private mutating func unpack(
    into bytes: inout [UInt8], at range: Range<Int>
  ) throws(ByteSourceError) -> Int {
    while true {
      do {
        let got = try decoder?.decompress(packed, from: &start, to: end, into: &bytes, at: range)
        if let got, got > 0 { return got }
      } catch { throw .zstd(path: path, error) }
      if start < end { continue }
      do { end = try file.read(into: &packed, at: 0..<packed.count) } catch { throw .file(error) }
      start = 0
      if end == 0 {
        if decoder?.isBetweenFrames == true { return 0 }
        throw .zstd(path: path, .truncated)
      }
    }
  }
}
