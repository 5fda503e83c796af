// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Cuts a stream of bytes into lines and binary frames, in constant memory. After bytes that are
/// neither it goes on at the next line, or at the next byte that may start a frame.
package struct MessageStream: Sendable {
  /// The longest line or frame.
  package static let messageBytes = 1 << 16

  package enum Piece: Equatable, Sendable {
    /// A line without its end, in ``buffer``.
    case line(Range<Int>)
    /// A whole frame with a plausible head, in ``buffer``.
    case frame(Range<Int>)
    /// Bytes that were dropped.
    case fault(MessageFault)
  }

  /// Where the pieces lie, until the next call of ``read(_:)``.
  package private(set) var buffer: [UInt8]
  private var start = 0
  private var end = 0
  /// Up to where there is no end of the line.
  private var searched = 0
  /// Whether the last bytes took all the room there was: more are likely to wait.
  private var wasFilled = false
  private var skipping = Skipping.no

  private enum Skipping { case no, line, garbage }

  /// The bytes of a buffer before a longer message or more of them came.
  private static let firstBytes = 4096
  private static let fullBytes = messageBytes + 4096

  package init() { buffer = [] }

  /// The memory that it holds.
  package var heldBytes: Int { buffer.count }

  /// Whether the next bytes need more memory than it holds.
  package var needsRoom: Bool { end - start == buffer.count && !buffer.isEmpty }

  /// Gives its memory back where no message has begun.
  package mutating func release() {
    guard start == end else { return }
    buffer = []
    start = 0
    end = 0
    searched = 0
    wasFilled = false
  }

  /// Takes what is left when no more bytes come: a line without its end, or a frame that is cut off.
  package mutating func last() -> Piece? {
    defer {
      forget()
      skipping = .no
    }
    guard start < end, skipping == .no else { return nil }
    return buffer[start] == Frame.magic ? .fault(.badFrame) : .line(start..<end)
  }

  /// Whether a message has begun and is not complete.
  package var isInsideMessage: Bool { end > start || skipping != .no }

  /// Takes bytes from a source that fills memory and returns how many it gave.
  ///
  /// - Parameter mayGrow: whether it may take more memory than a message needs, so that a sender of many
  ///   is read in larger pieces.
  package mutating func read(
    mayGrow: Bool = true, _ source: (UnsafeMutableRawBufferPointer) -> Int
  ) -> Int {
    if start > 0 {
      let start = start
      let count = end - start
      unsafe buffer.withUnsafeMutableBytes { bytes in
        guard let base = bytes.baseAddress else { return }
        unsafe _ = memmove(base, base + start, count)
      }
      end = count
      searched -= start
      self.start = 0
    }
    if end == buffer.count || (wasFilled && mayGrow && buffer.count < Self.fullBytes) {
      let size = buffer.isEmpty ? Self.firstBytes : min(4 * buffer.count, Self.fullBytes)
      buffer.append(contentsOf: repeatElement(0, count: size - buffer.count))
    }
    let end = end
    let got = unsafe buffer.withUnsafeMutableBytes { bytes in
      unsafe source(UnsafeMutableRawBufferPointer(rebasing: bytes[end...]))
    }
    if got > 0 { self.end += got }
    wasFilled = self.end == buffer.count
    return got
  }

  /// Takes some of the bytes; returns how many.
  package mutating func read(_ bytes: ArraySlice<UInt8>) -> Int {
    unsafe read { memory in
      let count = min(memory.count, bytes.count)
      unsafe memory.copyBytes(from: bytes.prefix(count))
      return count
    }
  }

  /// The next piece; nil when more bytes are needed.
  package mutating func next() -> Piece? {
    while true {
      switch skipping {
      case .no: break
      case .line:
        guard let newline = newline() else {
          forget()
          return nil
        }
        advance(to: newline + 1)
        skipping = .no
      case .garbage:
        guard let next = nextStart() else {
          forget()
          return nil
        }
        advance(to: next)
        skipping = .no
      }
      guard start < end else { return nil }
      if buffer[start] == Frame.magic { return frame() }
      guard let newline = newline() else {
        searched = end
        guard end - start > Self.messageBytes else { return nil }
        skipping = .line
        return .fault(.tooLong)
      }
      let line = start..<newline
      advance(to: newline + 1)
      if line.count > Self.messageBytes { return .fault(.tooLong) }
      if !line.isEmpty { return .line(line) }
    }
  }

  // MARK: -

  private mutating func frame() -> Piece? {
    guard end - start >= Frame.prefixBytes else {
      // A second byte that is wrong is known at once.
      if end - start > 1, buffer[start + 1] != Frame.secondMagic { return dropGarbage() }
      return nil
    }
    guard let length = Frame.length(buffer, at: start) else { return dropGarbage() }
    guard end - start >= length else { return nil }
    let frame = start..<start + length
    advance(to: start + length)
    return .frame(frame)
  }

  private mutating func dropGarbage() -> Piece {
    advance(to: start + 1)
    skipping = .garbage
    return .fault(.badFrame)
  }

  private func newline() -> Int? {
    unsafe buffer.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress,
        let found = unsafe memchr(base + searched, 0x0A, end - searched)
      else { return nil }
      return unsafe UnsafeRawPointer(found) - base
    }
  }

  /// Where a message may start: after the end of a line, or at the first byte of a frame.
  private func nextStart() -> Int? {
    for index in start..<end {
      if buffer[index] == 0x0A { return index + 1 }
      if buffer[index] == Frame.magic { return index }
    }
    return nil
  }

  private mutating func advance(to position: Int) {
    start = position
    searched = position
  }

  private mutating func forget() { advance(to: end) }
}
