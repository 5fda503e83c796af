// SPDX-License-Identifier: Apache-2.0
import CGateway
import Glibc

/// One thread that waits for messages on all descriptors, answers them, and sends the answers.
package final class Daemon {
  private enum Token {
    static let listener: UInt64 = 1
    static let signals: UInt64 = 2
    /// Connections count from here and are never used again.
    static let firstConnection: UInt64 = 16
    /// Set for the output of a connection that has a descriptor of its own for it.
    static let output: UInt64 = 1 << 63
  }

  package private(set) var engine: Engine
  package private(set) var loopCounters = LoopCounters()
  private let configuration: Configuration
  private var poller: Poller
  private var events: [Poller.Event] = []
  private var connections: [UInt64: Connection] = [:]
  private var nextToken = Token.firstConnection
  private var listener: Int32 = -1
  private var signals: Int32 = -1
  /// Connections with answers of this turn.
  private var touched: [Connection] = []
  private var isEnding = false
  private var nextSweep: Int64 = 0

  /// - Throws: ``GatewayError`` when the socket cannot be made or the model is refused.
  package init(_ configuration: Configuration) throws(GatewayError) {
    self.configuration = configuration
    engine = Engine(deviceLimit: configuration.deviceLimit)
    poller = try Poller()
    if let path = configuration.model { engine.use(try Self.load(path, configuration)) }
    if let path = configuration.socket { try listen(path) }
  }

  deinit {
    if listener >= 0 {
      close(listener)
      if let path = configuration.socket { _ = unsafe unlink(path) }
    }
    if signals >= 0 { close(signals) }
  }

  /// Serves until a signal ends it, or until standard input ends where nothing else is served.
  package func run() throws(GatewayError) {
    let numbers: [Int32] = [SIGTERM, SIGINT, SIGHUP]
    signals = unsafe gateway_signal_descriptor(numbers, Int32(numbers.count))
    guard signals >= 0 else { throw GatewayError(call: "signalfd", errno) }
    try poller.add(signals, GATEWAY_READABLE, token: Token.signals)
    if configuration.readsStandardInput { try serveStandardInput() }
    while !isEnding { turn(timeout: 1000) }
    drain()
  }

  /// Takes in what the other side of a socket sends; the daemon closes it.
  package func serve(_ socket: Int32) throws(GatewayError) {
    try open(.socket, input: socket, output: socket)
  }

  /// Waits for at most so many milliseconds, answers what came, and sends.
  package func turn(timeout: Int32) {
    poller.wait(timeout, &events)
    let now = monotonicMilliseconds()
    for event in events {
      switch event.token {
      case Token.listener: accept(now)
      case Token.signals: takeSignals()
      default:
        guard let connection = connections[event.token & ~Token.output] else { continue }
        let isOutput = event.token & Token.output != 0
        if event.isReadable, !isOutput { receive(connection, now) }
        if event.isWritable || isOutput { touched.append(connection) }
      }
    }
    commit(now)
    if now >= nextSweep {
      nextSweep = now + 1000
      sweep(now)
    }
  }

  // MARK: - Connections

  private func listen(_ path: String) throws(GatewayError) {
    // A socket that a killed daemon left behind; one that answers is in use.
    let probe = unsafe gateway_connect(path)
    if probe >= 0 {
      close(probe)
      throw GatewayError(call: "bind \(path)", EADDRINUSE)
    }
    if errno == ECONNREFUSED { _ = unsafe unlink(path) }
    listener = unsafe gateway_listen(path, 128)
    guard listener >= 0 else { throw GatewayError(call: "bind \(path)", errno) }
    try poller.add(listener, GATEWAY_READABLE, token: Token.listener)
  }

  private func serveStandardInput() throws(GatewayError) {
    try open(.standard, input: STDIN_FILENO, output: STDOUT_FILENO)
  }

  private func open(
    _ kind: Connection.Kind, input: Int32, output: Int32
  ) throws(GatewayError) {
    let connection = Connection(
      kind, input: input, output: output, token: nextToken, now: monotonicMilliseconds())
    nextToken += 1
    try poller.add(input, GATEWAY_READABLE, token: connection.token)
    connection.interest = GATEWAY_READABLE
    connections[connection.token] = connection
  }

  private func accept(_ now: Int64) {
    // Some at a time, so that a flood of callers does not keep the others waiting.
    for _ in 0..<16 {
      let socket = gateway_accept(listener)
      guard socket >= 0 else { return }
      guard connections.count < configuration.connectionLimit else {
        close(socket)
        loopCounters.refusedConnections += 1
        continue
      }
      do throws(GatewayError) {
        try open(.socket, input: socket, output: socket)
        loopCounters.connections += 1
      } catch {
        close(socket)
        loopCounters.refusedConnections += 1
      }
    }
  }

  private func receive(_ connection: Connection, _ now: Int64) {
    guard !connection.hasEnded, !connection.isFull else { return }
    switch connection.receive() {
    case .nothing: return
    case .end:
      // Its last answers are sent all the same.
      connection.hasEnded = true
    case .some:
      connection.lastProgress = now
      answer(connection)
    }
    touched.append(connection)
  }

  private func answer(_ connection: Connection) {
    while let piece = connection.stream.next() {
      switch piece {
      case .line(let range):
        engine.answer(
          line: connection.stream.buffer.span.extracting(range), into: &connection.answers)
      case .frame(let range):
        engine.answer(
          frame: connection.stream.buffer.span.extracting(range), into: &connection.answers)
      case .fault(let fault):
        engine.answer(fault, into: &connection.answers)
      }
    }
  }

  /// Releases the answers of this turn and sends what the other sides take.
  private func commit(_ now: Int64) {
    for connection in touched {
      connection.release()
      send(connection, now)
    }
    touched.removeAll(keepingCapacity: true)
  }

  private func send(_ connection: Connection, _ now: Int64) {
    guard connections[connection.token] != nil else { return }
    let isAlive = connection.send(now: now)
    if !isAlive || (connection.hasEnded && connection.waiting == 0) {
      drop(connection)
      return
    }
    var interest: UInt32 = 0
    if !connection.hasEnded, !connection.isFull { interest |= GATEWAY_READABLE }
    if connection.hasUnsent, connection.kind == .socket { interest |= GATEWAY_WRITABLE }
    if connection.kind == .standard { watchStandardOutput(connection) }
    if interest != connection.interest {
      connection.interest = interest
      poller.change(connection.input, interest, token: connection.token)
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

  private func drop(_ connection: Connection) {
    poller.remove(connection.input, token: connection.token)
    connections[connection.token] = nil
    if connection.kind == .standard, configuration.socket == nil { isEnding = true }
  }

  /// Looks for senders that take nothing and for messages that stay half sent.
  private func sweep(_ now: Int64) {
    for token in connections.keys.sorted() {
      guard let connection = connections[token] else { continue }
      if connection.kind == .standard, connection.hasUnsent { send(connection, now) }
      guard now - connection.lastProgress > configuration.stallMilliseconds else { continue }
      if connection.waiting > 0 {
        loopCounters.slowConsumers += 1
        drop(connection)
      } else if connection.stream.isInsideMessage, connection.kind == .socket {
        loopCounters.halfOpen += 1
        drop(connection)
      }
    }
  }

  // MARK: - Ending

  private func takeSignals() {
    while true {
      switch gateway_next_signal(signals) {
      case 0: return
      case SIGTERM, SIGINT: isEnding = true
      default: break
      }
    }
  }

  /// Sends what is left, for at most a second.
  private func drain() {
    let deadline = monotonicMilliseconds() + 1000
    while monotonicMilliseconds() < deadline {
      let now = monotonicMilliseconds()
      var isDone = true
      for token in connections.keys.sorted() {
        guard let connection = connections[token] else { continue }
        send(connection, now)
        if connections[token] != nil, connection.hasUnsent { isDone = false }
      }
      if isDone { return }
      usleep(1000)
    }
  }

  private static func load(
    _ path: String, _ configuration: Configuration
  ) throws(GatewayError) -> GatewayModel {
    let bytes: [UInt8]
    do { bytes = try readModelFile(path) } catch { throw .file(error) }
    do throws(ModelRefusal) {
      return try GatewayModel(bytes, name: path, memoryLimit: configuration.memoryLimit)
    } catch {
      throw .model(file: path, error)
    }
  }
}
