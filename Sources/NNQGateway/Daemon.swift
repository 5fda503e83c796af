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
  let configuration: Configuration
  let journal: Journal?
  let store: ModelStore?
  let worker: Worker
  let serviceManager = ServiceManager()
  var poller: Poller
  var connections: [UInt64: Connection] = [:]
  var folder: ModelFolder?
  var folderWatch: Int32 = -1
  #if MQTT
    var mqtt: MQTTLink?
    var brokerInterest: UInt32 = 0
  #endif
  #if Metrics
    private var metricsServer: MetricsServer?
  #endif
  var isEnding = false
  /// Connections with answers of this turn.
  var touched: [Connection] = []
  private var events: [Poller.Event] = []
  var nextToken = Token.firstConnection
  var listener: Int32 = -1
  var ownsSocketPath = false
  private var signals: Int32 = -1
  private var nextSweep: Int64 = 0
  private var nextWatchdog: Int64 = 0
  private var nextMetricsFile: Int64 = 0
  private var nextStatistics: Int64 = 0

  /// - Throws: ``GatewayError`` when the socket cannot be made, the model is refused, or the state
  ///   folder cannot be used.
  package init(_ configuration: Configuration) throws(GatewayError) {
    try configuration.check()
    self.configuration = configuration
    var engine = Engine(
      deviceLimit: configuration.deviceLimit, keepsRecords: configuration.state != nil,
      keepsStatistics: configuration.keepsStatistics)
    if let path = configuration.state {
      if unsafe mkdir(path, 0o777) != 0, errno != EEXIST {
        throw GatewayError(call: "mkdir \(path)", errno)
      }
      journal = try Journal(
        path, fileBytes: configuration.journalBytes, fileLimit: configuration.journalFiles,
        devices: &engine.devices)
      store = ModelStore(path)
    } else {
      journal = nil
      store = nil
    }
    self.engine = engine
    rollout = Rollout(configuration.rolloutLimits, state: try store?.load())
    worker = try Worker()
    poller = try Poller()
    try poller.add(worker.wake, GATEWAY_READABLE, token: Token.worker)
    try loadFirstModel()
    try loadShadow()
    try readDevices()
    if let path = configuration.models { try watch(path) }
    try listen()
    #if MQTT
      if configuration.mqtt != nil { mqtt = try MQTTLink(configuration) }
    #endif
    #if Metrics
      if let address = configuration.metrics { metricsServer = try MetricsServer(address) }
    #endif
  }

  deinit {
    if listener >= 0 {
      close(listener)
      if ownsSocketPath, let path = configuration.socket { _ = unsafe unlink(path) }
    }
    if signals >= 0 { close(signals) }
    if folderWatch >= 0 { close(folderWatch) }
  }

  /// Serves until a signal ends it, or until standard input ends where nothing else is served.
  package func run() throws(GatewayError) {
    let numbers: [Int32] = [SIGTERM, SIGINT, SIGHUP]
    signals = unsafe gateway_signal_descriptor(numbers, Int32(numbers.count))
    guard signals >= 0 else { throw GatewayError(call: "signalfd", errno) }
    // A reader that has gone and a limit on file sizes are errors of calls, not ends.
    _ = signal(SIGPIPE, SIG_IGN)
    _ = signal(SIGXFSZ, SIG_IGN)
    try poller.add(signals, GATEWAY_READABLE, token: Token.signals)
    if configuration.readsStandardInput {
      try open(.standard, input: STDIN_FILENO, output: STDOUT_FILENO)
    }
    serviceManager.notify("READY=1\nSTATUS=\(statusText)")
    while !isEnding { turn(timeout: 1000) }
    serviceManager.notify("STOPPING=1")
    drain()
    saveStatistics()
  }

  /// Takes in what the other side of a socket sends; the daemon closes it.
  package func serve(_ socket: Int32) throws(GatewayError) {
    try open(.socket, input: socket, output: socket)
  }

  /// Waits for at most so many milliseconds, answers what came, and sends.
  package func turn(timeout: Int32) {
    poller.wait(min(timeout, longestWait), &events)
    let now = monotonicMilliseconds()
    for event in events {
      switch event.token {
      case Token.listener: accept(now)
      case Token.signals: takeSignals()
      case Token.worker: takeFindings(now)
      case Token.folder: lookAtFolder()
      case Token.broker:
        #if MQTT
          serveBroker(event, now)
        #endif
      default:
        guard let connection = connections[event.token & ~Token.output] else { continue }
        let isOutput = event.token & Token.output != 0
        if event.isReadable, !isOutput { receive(connection, now) }
        if event.isWritable || isOutput { touched.append(connection) }
      }
    }
    commit(now)
    if let action = rollout.advance(&engine, now: now) { perform(action, now) }
    #if MQTT
      connectBroker(now)
    #endif
    if let period = serviceManager.watchdogMilliseconds, now >= nextWatchdog {
      nextWatchdog = now + period
      serviceManager.notify("WATCHDOG=1")
    }
    if now >= nextSweep {
      nextSweep = now + 1000
      sweep(now)
      publishFigures(now)
    }
  }

  /// Milliseconds after which something of its own is due: the watchdog, or a try to reach the broker.
  private var longestWait: Int32 {
    let period = Int32(clamping: serviceManager.watchdogMilliseconds ?? 1000)
    #if MQTT
      if let mqtt, !mqtt.isReached { return min(period, 100) }
    #endif
    return period
  }

  var statusText: String {
    guard let model = engine.model else { return "waiting for a model" }
    return "\(model.name) \(model.identity.prefix(16)), \(engine.counters.decisions) decisions"
  }

  // MARK: - A turn

  /// Puts the messages of this turn on disk, then lets their answers go.
  func commit(_ now: Int64) {
    let isKept = keepRecords()
    for connection in touched {
      if !isKept, connection.hasUnreleased {
        connection.withdraw()
        engine.answer(.journal, isFrame: connection.speaksFrames, into: &connection.answers)
      }
      connection.release()
      send(connection, now)
    }
    touched.removeAll(keepingCapacity: true)
    #if MQTT
      mqtt?.release(isKept: isKept, now: now)
      watchBroker()
    #endif
  }

  private func keepRecords() -> Bool {
    guard let journal, !engine.records.isEmpty else { return true }
    let isKept = journal.append(engine.records, model: engine.model?.identity ?? "")
    if isKept {
      engine.confirm()
    } else {
      if journal.failures == 1 { Log.write(.error, "the journal cannot be written") }
      engine.rollBack()
    }
    journal.advance(engine.devices)
    return isKept
  }

  /// Looks for senders that take nothing and for messages that stay half sent.
  private func sweep(_ now: Int64) {
    for token in connections.keys.sorted() {
      guard let connection = connections[token] else { continue }
      guard now - connection.lastProgress > 1000 * Int64(configuration.stallSeconds) else {
        continue
      }
      if connection.waiting > 0 {
        loopCounters.slowConsumers += 1
        drop(connection)
      } else if connection.stream.isInsideMessage, connection.kind == .socket {
        loopCounters.halfOpen += 1
        drop(connection)
      }
    }
    #if MQTT
      keepBroker(now)
    #endif
  }

  // MARK: - Figures and the end

  private func publishFigures(_ now: Int64) {
    #if Metrics
      metricsServer?.publish(
        metrics: metricsText(), health: healthText(), isHealthy: engine.model != nil)
    #endif
    if let path = configuration.metricsFile, now >= nextMetricsFile {
      nextMetricsFile = now + 10_000
      let text = metricsText()
      worker.post {
        try? writeFile(Array(text.utf8), to: path)
        return nil
      }
      serviceManager.notify("STATUS=\(statusText)")
    }
    if now >= nextStatistics {
      nextStatistics = now + 60_000
      saveStatistics()
    }
  }

  private func takeSignals() {
    while true {
      switch gateway_next_signal(signals) {
      case 0: return
      case SIGTERM, SIGINT: isEnding = true
      case SIGHUP: reload()
      default: break
      }
    }
  }

  /// Reads what the senders have sent, then sends what is left, for at most two seconds.
  private func drain() {
    let deadline = monotonicMilliseconds() + 2000
    turn(timeout: 0)
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
}

extension Configuration {
  var rolloutLimits: Rollout.Limits {
    var limits = Rollout.Limits()
    limits.trialMessages = trialMessages
    limits.trialMilliseconds = 1000 * Int64(trialSeconds)
    limits.probationMessages = probationMessages
    limits.probationMilliseconds = 1000 * Int64(probationSeconds)
    limits.maxFlips = maxFlips
    limits.maxSaturated = maxSaturated
    return limits
  }
}
