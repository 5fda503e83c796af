// SPDX-License-Identifier: Apache-2.0
import CGateway
import Glibc

/// Who sends messages: callers of the socket and standard input.
extension Daemon {
  func listen() throws(GatewayError) {
    if let activated = try ServiceManager.activatedSocket() {
      listener = activated
    } else if let path = configuration.socket {
      var place = SocketPath(path)
      listener = try place.listen()
      socketPath = place
    } else {
      return
    }
    try poller.add(listener, GATEWAY_READABLE, token: Token.listener)
    isListening = true
  }

  func open(
    _ kind: Connection.Kind, input: Int32, output: Int32
  ) throws(GatewayError) {
    let connection = Connection(
      kind, input: input, output: output, token: nextToken, memory: senderMemory,
      now: monotonicMilliseconds())
    nextToken += 1
    try poller.add(input, GATEWAY_READABLE, token: connection.token)
    connection.interest = GATEWAY_READABLE
    connections[connection.token] = connection
  }

  func accept(_ now: Int64) {
    // Some at a time, so that a flood of callers does not keep the others waiting.
    for _ in 0..<16 {
      let socket = gateway_accept(listener)
      guard socket >= 0 else { return refuseAccept(errno) }
      guard connections.count < configuration.connectionLimit else {
        close(socket)
        loopCounters.refusedConnections += 1
        continue
      }
      do throws(GatewayError) {
        try open(.socket, input: socket, output: socket)
        loopCounters.connections += 1
      } catch {
        loopCounters.refusedConnections += 1
      }
    }
  }

  /// Where the system has no room for one more caller, those who wait would wake the loop for ever: they
  /// wait until another one has gone, or for the next sweep.
  private func refuseAccept(_ code: Int32) {
    guard ![EAGAIN, EINTR, ECONNABORTED].contains(code) else { return }
    loopCounters.failedAccepts += 1
    isListening = !poller.change(listener, 0, token: Token.listener)
  }

  func listenAgain() {
    guard listener >= 0, !isListening, !isEnding else { return }
    isListening = poller.change(listener, GATEWAY_READABLE, token: Token.listener)
  }

  func receive(_ connection: Connection, _ now: Int64) {
    guard !connection.hasEnded, !connection.isFull, !connection.isPaused else { return }
    switch connection.receive(now) {
    case .nothing: return
    case .end:
      // Its last answers are sent all the same.
      connection.hasEnded = true
      answerLast(connection, now)
    case .some:
      answer(connection, now)
    }
    touched.append(connection)
  }

  /// Answers what has come, until the sender has too many answers to take.
  func answer(_ connection: Connection, _ now: Int64) {
    var isNewMessage = false
    connection.isPaused = false
    while let piece = connection.stream.next() {
      isNewMessage = true
      answer(connection, piece)
      if connection.isFull {
        connection.isPaused = true
        break
      }
    }
    connection.settle(now, isNewMessage: isNewMessage)
  }

  /// Nothing more comes: a line without its end is a message all the same, a frame is cut off.
  private func answerLast(_ connection: Connection, _ now: Int64) {
    if let piece = connection.stream.last() { answer(connection, piece) }
    connection.settle(now, isNewMessage: true)
  }

  private func answer(_ connection: Connection, _ piece: MessageStream.Piece) {
    switch piece {
    case .line(let range):
      if connection.stream.buffer[range.lowerBound] != 0x7B, answerCommand(connection, range) {
        return
      }
      connection.speaksFrames = false
      let start = connection.answers.count
      engine.answer(
        line: connection.stream.buffer.span.extracting(range), into: &connection.answers)
      if engine.isHeld { connection.hold(from: start) }
    case .frame(let range):
      connection.speaksFrames = true
      let start = connection.answers.count
      engine.answer(
        frame: connection.stream.buffer.span.extracting(range), into: &connection.answers)
      if engine.isHeld { connection.hold(from: start) }
    case .fault(let fault):
      engine.answer(fault, isFrame: connection.speaksFrames, into: &connection.answers)
    }
  }

  /// The words `metrics` and `health` on a line of their own.
  private func answerCommand(_ connection: Connection, _ range: Range<Int>) -> Bool {
    guard range.count <= 8 else { return false }
    switch String(decoding: connection.stream.buffer[range], as: UTF8.self) {
    case "metrics": connection.answers += Array((metricsText() + "# EOF\n").utf8)
    case "health": connection.answers += Array((healthText() + "\n").utf8)
    default: return false
    }
    return true
  }

  func send(_ connection: Connection, _ now: Int64) {
    guard connections[connection.token] != nil else { return }
    let isAlive = connection.send(now: now)
    if !isAlive, connection.kind == .standard {
      let code = errno
      if servesOthers {
        let reason = unsafe String(cString: strerror(code))
        Log.write(.error, "standard output takes no more answers: \(reason)")
      } else {
        standardOutputFailure = code
      }
    }
    if !isAlive || (connection.hasEnded && connection.waiting == 0 && !connection.isPaused) {
      drop(connection)
      return
    }
    if connection.isPaused, !connection.isFull { resumed.append(connection) }
    watch(connection)
  }

  /// Waits for what the connection needs now.
  func watch(_ connection: Connection) {
    var interest: UInt32 = 0
    if !connection.hasEnded, !connection.isFull, !connection.isPaused {
      interest |= GATEWAY_READABLE
    }
    if connection.hasUnsent, connection.kind == .socket { interest |= GATEWAY_WRITABLE }
    if connection.kind == .standard { watchStandardOutput(connection) }
    guard interest != connection.interest else { return }
    if poller.change(connection.input, interest, token: connection.token) {
      connection.interest = interest
    } else {
      // It would be called again and again for what nobody takes, or never for what waits.
      drop(connection)
    }
  }

  /// Standard output is another descriptor than the input; a file never needs to be waited for.
  private func watchStandardOutput(_ connection: Connection) {
    guard connection.hasUnsent != connection.isOutputWatched else { return }
    connection.isOutputWatched = connection.hasUnsent
    let token = connection.token | Token.output
    if connection.hasUnsent {
      try? poller.add(connection.output, GATEWAY_WRITABLE, token: token)
    } else {
      poller.remove(connection.output, token: token)
    }
  }

  func drop(_ connection: Connection) {
    poller.remove(connection.input, token: connection.token)
    connections[connection.token] = nil
    listenAgain()
    if connection.kind == .standard, !servesOthers { isEnding = true }
  }

  /// Whether messages come from elsewhere than standard input.
  private var servesOthers: Bool { listener >= 0 || configuration.mqtt != nil }
}
