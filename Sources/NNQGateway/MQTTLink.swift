// SPDX-License-Identifier: Apache-2.0
#if MQTT
  import CMosquitto
  import Glibc
  import NNQFiles

  /// The connection to a broker, on the loop's thread except for the connecting itself, which may wait
  /// for names and networks.
  @safe
  final class MQTTLink {
    /// A message as it came; its bytes lie in ``inbox``.
    struct Arrival {
      let device: Range<Int>
      let payload: Range<Int>
    }

    enum State { case away(retryAt: Int64), connecting, reached }

    /// Answers that the library holds until the broker confirms them; more wait in the spool.
    private static let inFlightLimit = 1 << 14
    /// Those of them that are on the way at the same time.
    private static let onTheWayLimit: UInt32 = 1000
    private static let packetsAtATime = 256

    private(set) var state = State.away(retryAt: 0)
    private(set) var socket: Int32 = -1
    private(set) var arrivals: [Arrival] = []
    private(set) var inbox: [UInt8] = []
    /// Answers of this turn: for which device, and where in ``outbox``.
    private var held: [(device: [UInt8], answer: Range<Int>)] = []
    private(set) var outbox: [UInt8] = []
    private let client: OpaquePointer
    private let host: String
    private let port: Int32
    private let filter: String
    private let answers: [UInt8]?
    private let quality: Int32
    /// The level of a topic that names the device: that of the filter's first `+`; nil without one.
    private let deviceLevel: Int?
    private let spool: Spool?
    private var backoff: Int64 = 100
    private var inFlight = 0
    private var confirmations: UInt64 = 0
    private var isAccepted = false
    private var received: UInt64 = 0
    private var published: UInt64 = 0
    private var lost: UInt64 = 0
    private var connections: UInt64 = 0
    private var topic: [CChar] = []

    init(_ configuration: Configuration) throws(GatewayError) {
      let (host, port) = try Configuration.address(configuration.mqtt ?? "", of: "mqtt")
      self.host = host
      self.port = Int32(port)
      filter = configuration.mqttTopic ?? "#"
      answers = configuration.mqttAnswers.map { Array($0.utf8) }
      quality = Int32(configuration.mqttQuality)
      deviceLevel = filter.split(separator: "/", omittingEmptySubsequences: false)
        .firstIndex(of: "+")
      if let folder = configuration.state {
        spool = try Spool(
          folder + "/spool", byteLimit: configuration.spoolBytes,
          lifetimeMilliseconds: 1000 * Int64(configuration.spoolSeconds),
          boot: Spool.currentBoot(), now: monotonicMilliseconds())
      } else {
        spool = nil
      }
      try Self.checkAnswers(configuration)
      mosquitto_lib_init()
      // A client with a name of its own keeps its subscription at the broker while it is away.
      let identity = configuration.mqttIdentity
      guard
        let client = unsafe mosquitto_new(identity, identity == nil, nil)
      else { throw GatewayError(call: "mosquitto_new", errno) }
      unsafe self.client = client
      try configure(configuration)
    }

    deinit { unsafe mosquitto_destroy(client) }

    /// Called on the worker's thread, while the loop leaves the client alone.
    var connector: @Sendable () -> Finding? {
      let client = unsafe UInt(bitPattern: client)
      let isFirst = connections == 0
      return { [host, port] in
        let client = unsafe OpaquePointer(bitPattern: client)
        let code =
          isFirst
          ? unsafe mosquitto_connect(client, host, port, 30) : unsafe mosquitto_reconnect(client)
        return .brokerReached(code == MOSQ_ERR_SUCCESS.rawValue)
      }
    }

    /// Whether it is time to try to connect; then it is connecting.
    func startsConnecting(_ now: Int64) -> Bool {
      guard case .away(let retryAt) = state, now >= retryAt else { return false }
      state = .connecting
      return true
    }

    func reached(_ isReached: Bool, _ now: Int64) {
      guard isReached else { return leave(now) }
      connections += 1
      state = .reached
      socket = unsafe mosquitto_socket(client)
    }

    var wantsWrite: Bool { unsafe mosquitto_want_write(client) }
    var isReached: Bool { if case .reached = state { true } else { false } }

    /// Lets libmosquitto read and write; false when the broker has gone.
    func serve(isReadable: Bool, isWritable: Bool, _ now: Int64) -> Bool {
      arrivals.removeAll(keepingCapacity: true)
      inbox.removeAll(keepingCapacity: true)
      var isMore = isReadable
      // Many packets at a time, so that one commit serves them all; one call may take only one.
      for _ in 0..<Self.packetsAtATime where isMore {
        let progress = received &+ confirmations
        guard unsafe mosquitto_loop_read(client, 1) == MOSQ_ERR_SUCCESS.rawValue else {
          leave(now)
          return false
        }
        isMore = progress != received &+ confirmations
      }
      if isWritable, unsafe mosquitto_loop_write(client, 64) != MOSQ_ERR_SUCCESS.rawValue {
        leave(now)
        return false
      }
      return true
    }

    /// Keeps the connection alive; false when the broker has gone.
    func keepAlive(_ now: Int64) -> Bool {
      if unsafe mosquitto_loop_misc(client) == MOSQ_ERR_SUCCESS.rawValue { return true }
      leave(now)
      return false
    }

    /// Keeps an answer until its message is on disk.
    func hold(_ device: [UInt8], from start: Int) {
      guard answers != nil else {
        outbox.removeLast(outbox.count - start)
        return
      }
      held.append((device, start..<outbox.count))
    }

    func answer(_ body: (inout [UInt8]) -> Void) -> Int {
      let start = outbox.count
      body(&outbox)
      return start
    }

    /// Publishes the answers of this turn, or forgets them where their messages could not be kept: their
    /// senders then send them again.
    func release(isKept: Bool, now: Int64) {
      if isKept {
        for (device, answer) in held {
          // A line without its end; a frame as it is.
          let isLine = outbox[answer.lowerBound] != Frame.magic
          let payload = answer.dropLast(isLine ? 1 : 0)
          if isAccepted, inFlight < Self.inFlightLimit, spool?.isEmpty ?? true {
            if publish(device, outbox[payload]) { continue }
          }
          if let spool {
            spool.append(device: device, answer: Array(outbox[payload]), now: now)
          } else {
            lost += 1
          }
        }
      }
      held.removeAll(keepingCapacity: true)
      outbox.removeAll(keepingCapacity: true)
      forward(now)
    }

    func addMetrics(to metrics: inout MetricsText) {
      metrics.counter("mqtt_received_total", "Messages from the broker", received)
      metrics.counter("mqtt_published_total", "Answers handed to the broker", published)
      metrics.counter("mqtt_connections_total", "Times the broker was reached", connections)
      metrics.gauge("mqtt_connected", "1 while the broker is there", isAccepted ? 1 : 0)
      metrics.gauge("mqtt_in_flight", "Answers that the broker has not confirmed", inFlight)
      metrics.counter(
        "mqtt_lost_total", "Answers dropped while the broker was away",
        [
          ("reason=\"no-spool\"", lost), ("reason=\"full\"", spool?.dropped ?? 0),
          ("reason=\"expired\"", spool?.expired ?? 0),
          ("reason=\"damaged\"", spool?.damaged ?? 0),
        ])
      metrics.counter("spool_stored_total", "Answers that waited on disk", spool?.stored ?? 0)
      metrics.gauge("spool_bytes", "Bytes that wait on disk", spool?.bytes ?? 0)
    }

    // MARK: -

    private func leave(_ now: Int64) {
      state = .away(retryAt: now + backoff)
      backoff = min(2 * backoff, 8000)
      isAccepted = false
      socket = -1
    }

    private func forward(_ now: Int64) {
      guard isAccepted, let spool, !spool.isEmpty else { return }
      while inFlight < Self.inFlightLimit / 2, let record = spool.next(now: now) {
        if !publish(record.device, record.answer[...]) {
          spool.append(device: record.device, answer: record.answer, now: now)
          return
        }
      }
    }

    private func publish(_ device: [UInt8], _ payload: ArraySlice<UInt8>) -> Bool {
      topic.removeAll(keepingCapacity: true)
      var isEscape = false
      for byte in answers ?? [] {
        if isEscape {
          if byte == 0x64 { for part in device { topic.append(CChar(bitPattern: part)) } }
          isEscape = false
        } else if byte == 0x25 {
          isEscape = true
        } else {
          topic.append(CChar(bitPattern: byte))
        }
      }
      topic.append(0)
      let code = unsafe payload.withUnsafeBytes {
        unsafe mosquitto_publish(
          client, nil, topic, Int32($0.count), $0.baseAddress, quality, false)
      }
      guard code == MOSQ_ERR_SUCCESS.rawValue else { return false }
      inFlight += 1
      published += 1
      return true
    }

    private func configure(_ configuration: Configuration) throws(GatewayError) {
      unsafe mosquitto_user_data_set(client, Unmanaged.passUnretained(self).toOpaque())
      _ = unsafe mosquitto_max_inflight_messages_set(client, Self.onTheWayLimit)
      if let user = configuration.mqttUser {
        var password: String?
        if let path = configuration.mqttPasswordFile {
          do throws(FileError) {
            let text = String(decoding: try readFile(path, limit: 1 << 16), as: UTF8.self)
            password = text.split(whereSeparator: \.isNewline).first.map(String.init)
          } catch { throw .file(error) }
        }
        _ = unsafe mosquitto_username_pw_set(client, user, password)
      }
      if let authorities = configuration.mqttAuthorities {
        let code = unsafe mosquitto_tls_set(
          client, authorities, nil, configuration.mqttCertificate, configuration.mqttKey, nil)
        guard code == MOSQ_ERR_SUCCESS.rawValue else {
          throw .badSetting("mqtt-ca", value: authorities, line: 0)
        }
      }
      unsafe mosquitto_connect_callback_set(client) { _, own, code in
        if let own = unsafe own, code == 0 { unsafe MQTTLink.from(own).accepted() }
      }
      unsafe mosquitto_publish_callback_set(client) { _, own, _ in
        if let own = unsafe own { unsafe MQTTLink.from(own).confirmed() }
      }
      unsafe mosquitto_message_callback_set(client) { _, own, message in
        guard let own = unsafe own, let message = unsafe message?.pointee else { return }
        unsafe MQTTLink.from(own).take(
          UnsafeRawBufferPointer(start: message.payload, count: Int(message.payloadlen)),
          topic: message.topic)
      }
    }

    /// Throws when the daemon would answer its own answers.
    private static func checkAnswers(_ configuration: Configuration) throws(GatewayError) {
      guard let answers = configuration.mqttAnswers else { return }
      let topic = answers.split(separator: "%d", omittingEmptySubsequences: false)
        .joined(separator: "device")
      var matches = false
      let code = unsafe mosquitto_topic_matches_sub(configuration.mqttTopic, topic, &matches)
      guard code == MOSQ_ERR_SUCCESS.rawValue, !matches else {
        throw .badSetting("mqtt-answers", value: answers, line: 0)
      }
    }

    private static func from(_ own: UnsafeMutableRawPointer) -> MQTTLink {
      unsafe Unmanaged<MQTTLink>.fromOpaque(own).takeUnretainedValue()
    }

    private func accepted() {
      isAccepted = true
      backoff = 100
      _ = unsafe mosquitto_subscribe(client, nil, filter, quality)
    }

    private func confirmed() {
      confirmations &+= 1
      inFlight = max(inFlight - 1, 0)
    }

    private func take(_ payload: UnsafeRawBufferPointer, topic: UnsafeMutablePointer<CChar>?) {
      received += 1
      let start = inbox.count
      if let topic = unsafe topic, let deviceLevel { unsafe appendLevel(deviceLevel, of: topic) }
      let middle = inbox.count
      unsafe inbox.append(contentsOf: payload)
      arrivals.append(Arrival(device: start..<middle, payload: middle..<inbox.count))
    }

    private func appendLevel(_ level: Int, of topic: UnsafeMutablePointer<CChar>) {
      var current = 0
      var index = 0
      while unsafe topic[index] != 0 {
        let byte = unsafe UInt8(bitPattern: topic[index])
        index += 1
        if byte == 0x2F {
          current += 1
        } else if current == level {
          inbox.append(byte)
        }
      }
    }
  }
#endif
