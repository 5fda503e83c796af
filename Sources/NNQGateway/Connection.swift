// SPDX-License-Identifier: Apache-2.0
import CGateway
import Glibc

/// A sender of messages: what came from it and is not yet read, and what it has not yet taken.
final class Connection {
  /// A socket, or standard input with standard output.
  enum Kind { case socket, standard }

  /// More answers than this, and nothing more is read until the sender takes some.
  static let outputLimit = 1 << 18

  let kind: Kind
  let input: Int32
  let output: Int32
  /// What epoll tells the connection by.
  let token: UInt64
  var stream = MessageStream()
  /// Answers: those before `released` may be sent, those before `sent` are.
  var answers: [UInt8] = []
  private var released = 0
  /// Where answers lie that wait for the disk.
  private var held: [Range<Int>] = []
  private var sent = 0
  /// When it last took a byte or had taken all.
  private(set) var lastTaken: Int64
  /// When the first byte of the message that is not complete came.
  private var begun: Int64?
  /// When the last byte came.
  private var lastReceived: Int64
  /// Whether pieces are left that wait for the sender to take its answers.
  var isPaused = false
  private let memory: SenderMemory
  private var counted = 0
  var hasEnded = false
  /// What epoll was last asked for.
  var interest: UInt32 = 0
  /// Whether its last message was a binary frame.
  var speaksFrames = false
  /// Whether epoll waits for standard output.
  var isOutputWatched = false

  /// A socket is closed with its connection.
  init(
    _ kind: Kind, input: Int32, output: Int32, token: UInt64, memory: SenderMemory, now: Int64
  ) {
    self.kind = kind
    self.input = input
    self.output = output
    self.token = token
    self.memory = memory
    lastTaken = now
    lastReceived = now
  }

  deinit {
    memory.change(counted, to: 0)
    if kind == .socket { close(input) }
  }

  /// Bytes that wait for the sender to take them.
  var waiting: Int { answers.count - sent }
  /// Whether nothing more is taken from it for now.
  var isFull: Bool {
    if waiting > Self.outputLimit { return true }
    let all = memory.bytes - counted + stream.heldBytes + answers.count
    return all > SenderMemory.limit && (waiting > 0 || stream.needsRoom)
  }
  var hasUnsent: Bool { sent < released }

  /// What was appended from a place on waits for the disk.
  func hold(from start: Int) { held.append(start..<answers.count) }

  /// Lets all answers so far be sent; those whose messages could not be kept as refusals.
  func release(isKept: Bool) {
    if !isKept, !held.isEmpty { HeldAnswer.refuse(held, in: &answers, from: released) }
    held.removeAll(keepingCapacity: true)
    released = answers.count
  }

  /// Milliseconds that it has been inside one message.
  func insideMessage(_ now: Int64) -> Int64 { begun.map { now - $0 } ?? 0 }

  /// Tells its memory, and since when it is inside a message; called when its pieces are answered.
  func settle(_ now: Int64, isNewMessage: Bool) {
    begun = stream.isInsideMessage && !isPaused ? isNewMessage ? now : begun ?? now : nil
    account()
  }

  /// Gives memory back that it has not needed for a second.
  func tidy(_ now: Int64) {
    if now - lastReceived >= 1000, !isPaused { stream.release() }
    if answers.isEmpty { answers = [] }
    account()
  }

  private func account() {
    let bytes = stream.heldBytes + answers.count
    memory.change(counted, to: bytes)
    counted = bytes
  }

  enum Outcome { case some, nothing, end }

  /// Reads once.
  func receive(_ now: Int64) -> Outcome {
    let descriptor = input
    lastReceived = now
    let got = unsafe stream.read(mayGrow: memory.bytes < SenderMemory.roomy) {
      unsafe read(descriptor, $0.baseAddress, $0.count)
    }
    if got > 0 { return .some }
    return got < 0 && (errno == EAGAIN || errno == EINTR) ? .nothing : .end
  }

  /// Sends what was released and the other side takes; false when it has gone.
  func send(now: Int64) -> Bool {
    if sent == released { lastTaken = now }
    while sent < released {
      let rest = sent..<released
      let got = unsafe answers.withUnsafeBytes { bytes in
        unsafe write(UnsafeRawBufferPointer(rebasing: bytes[rest]))
      }
      if got < 0 {
        if errno == EINTR { continue }
        return errno == EAGAIN
      }
      sent += got
      lastTaken = now
    }
    answers.removeFirst(sent)
    released -= sent
    sent = 0
    if answers.isEmpty, answers.capacity > 1 << 16 { answers = [] }
    account()
    return true
  }

  // MARK: -

  private func write(_ bytes: UnsafeRawBufferPointer) -> Int {
    if kind == .socket { return unsafe gateway_send(output, bytes.baseAddress, bytes.count) }
    // A pipe that others may share is left as it is: after this poll it takes PIPE_BUF bytes without
    // blocking.
    var poll = pollfd(fd: output, events: Int16(POLLOUT), revents: 0)
    guard unsafe Glibc.poll(&poll, 1, 0) > 0 else {
      errno = EAGAIN
      return -1
    }
    return unsafe Glibc.write(output, bytes.baseAddress, min(bytes.count, 4096))
  }
}
