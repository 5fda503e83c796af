// SPDX-License-Identifier: Apache-2.0
import CGateway
import Glibc
import NNQFiles

/// One thread that waits for messages on all descriptors, answers them, and sends the answers.
///
/// With a state folder the answers of a turn are sent when their messages are on disk: an answer that
/// carries a sequence number is a promise that the message is not lost.
package final class Daemon {
  enum Token {
    static let listener: UInt64 = 1
    static let signals: UInt64 = 2
    static let worker: UInt64 = 3
    static let folder: UInt64 = 4
    static let broker: UInt64 = 5
    static let metrics: UInt64 = 6
    /// Connections count from here and are never used again.
    static let firstConnection: UInt64 = 16
    /// Set for the output of a connection that has a descriptor of its own for it.
    static let output: UInt64 = 1 << 63
  }

  package internal(set) var engine: Engine
  package internal(set) var loopCounters = LoopCounters()
  package internal(set) var rollout: Rollout
  /// Files that were refused before they came to a trial.
  package internal(set) var modelRefusals: UInt64 = 0
  package internal(set) var incompleteModels: UInt64 = 0
  package internal(set) var configuration: Configuration
  /// Reads the configuration again.
  let reread: () throws(GatewayError) -> Configuration
  let journal: Journal?
  let store: ModelStore?
  private let stateLock: StateLock?
  let worker: Worker
  /// Connects to the broker, which may take as long as a network likes.
  let dialler: Worker
  let serviceManager = ServiceManager()
  var poller: Poller
  var connections: [UInt64: Connection] = [:]
  var folder: ModelFolder?
  var folderWatch: Int32 = -1
  var folderPlace: FilePlace?
  /// Times that the watched folder was removed or replaced.
  package internal(set) var folderLosses: UInt64 = 0
  #if MQTT
    var mqtt: MQTTLink?
    var brokerInterest: UInt32 = 0
  #endif
  #if Metrics
    var metricsServer: MetricsServer?
  #endif
  /// Files of statistics that could not be read.
  var damagedStatistics: UInt64 = 0
  var isEnding = false
  /// Messages that were refused since the journal cannot be written.
  var unkept = 0
  /// Why standard output takes no answers any more; 0 while it does.
  var standardOutputFailure: Int32 = 0
  let senderMemory = SenderMemory()
  /// Bytes of messages that are not complete and of answers that are not taken.
  package var senderBytes: Int { senderMemory.bytes }
  /// Connections whose messages wait no longer for their answers to be taken.
  var resumed: [Connection] = []
  /// Connections with answers of this turn.
  var touched: [Connection] = []
  var events: [Poller.Event] = []
  var nextToken = Token.firstConnection
  var listener: Int32 = -1
  /// False while the system has no room for one more caller.
  var isListening = false
  /// Where the socket is that this daemon made.
  var socketPath: SocketPath?
  var signals: Int32 = -1
  package internal(set) var clockWatch = ClockWatch()
  /// The wall clock, which only its watch reads.
  package var wallClock: () -> Int64 = wallMilliseconds
  var nextSweep: Int64 = 0
  var nextWatchdog: Int64 = 0
  var nextStatus: Int64 = 0
  var nextStatistics: Int64 = 0

  /// - Parameter reread: reads the configuration again when the daemon is told to reload.
  /// - Throws: ``GatewayError`` when the socket cannot be made, the model is refused, or the state
  ///   folder cannot be used.
  package init(
    _ configuration: Configuration, reread: (() throws(GatewayError) -> Configuration)? = nil
  ) throws(GatewayError) {
    try configuration.check(hasSocket: ServiceManager.isActivated)
    try configuration.examineGiven()
    self.configuration = configuration
    self.reread = reread ?? { () throws(GatewayError) in configuration }
    var engine = Engine(
      deviceLimit: configuration.deviceLimit, keepsRecords: configuration.state != nil,
      keepsStatistics: configuration.keepsStatistics)
    if let path = configuration.state {
      if unsafe mkdir(path, 0o777) != 0, errno != EEXIST {
        throw GatewayError(call: "mkdir \(path)", errno)
      }
      // Before anything in it is read.
      stateLock = try StateLock(path)
      journal = try Journal(
        path, fileBytes: configuration.journalBytes, fileLimit: configuration.journalFiles,
        devices: &engine.devices)
      store = ModelStore(path)
      if let journal, journal.damagedBytes > 0 {
        Log.write(
          .warning,
          "\(path): \(journal.damagedBytes) bytes of the journal in \(journal.damages) places could "
            + "not be read; all around them was")
      }
    } else {
      stateLock = nil
      journal = nil
      store = nil
    }
    self.engine = engine
    rollout = Rollout(configuration.rolloutLimits, state: try store?.load())
    worker = try Worker()
    dialler = try Worker()
    poller = try Poller()
    for wake in [worker.wake, dialler.wake] {
      try poller.add(wake, GATEWAY_READABLE, token: Token.worker)
    }
    try loadFirstModel()
    self.engine.shadow = try Shadow.read(configuration.shadow)
    self.engine.allowedDevices = try Self.devices(configuration.devices)
    if let path = configuration.models { try watch(path) }
    #if MQTT
      if configuration.mqtt != nil { mqtt = try MQTTLink(configuration) }
    #endif
    #if Metrics
      if let address = configuration.metrics {
        let server = try MetricsServer(address, idleSeconds: configuration.stallSeconds)
        try poller.add(server.bell, GATEWAY_READABLE, token: Token.metrics)
        metricsServer = server
      }
    #endif
    // The last of all: who reaches the socket finds the rest there.
    try listen()
  }

  deinit {
    socketPath?.remove()
    if listener >= 0 { close(listener) }
    if signals >= 0 { close(signals) }
    if folderWatch >= 0 { close(folderWatch) }
  }

  /// A descriptor for the signals that end or reload. It is made before any thread, all of which block
  /// them then: a signal that another thread took would end the process.
  package static func signalQueue() throws(GatewayError) -> Int32 {
    let numbers: [Int32] = [SIGTERM, SIGINT, SIGHUP]
    let signals = unsafe gateway_signal_descriptor(numbers, Int32(numbers.count))
    guard signals >= 0 else { throw GatewayError(call: "signalfd", errno) }
    // A reader that has gone and a limit on file sizes are errors of calls, not ends.
    _ = signal(SIGPIPE, SIG_IGN)
    _ = signal(SIGXFSZ, SIG_IGN)
    return signals
  }

  /// Serves until a signal ends it, or until standard input ends where nothing else is served.
  ///
  /// - Parameter signals: what ``signalQueue()`` gave.
  package func run(_ signals: Int32) throws(GatewayError) {
    self.signals = signals
    try poller.add(signals, GATEWAY_READABLE, token: Token.signals)
    if configuration.readsStandardInput {
      try open(.standard, input: STDIN_FILENO, output: STDOUT_FILENO)
    }
    serviceManager.notify("READY=1\nSTATUS=\(statusText)")
    while !isEnding { turn(timeout: 1000) }
    try end()
    guard standardOutputFailure == 0 else {
      throw GatewayError(call: "write standard output", standardOutputFailure)
    }
  }

  /// Takes in what the other side of a socket sends; the daemon closes it.
  package func serve(_ socket: Int32) throws(GatewayError) {
    try open(.socket, input: socket, output: socket)
  }
}
