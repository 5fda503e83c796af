// SPDX-License-Identifier: Apache-2.0
#if MQTT
  import CMosquitto
  import Glibc
  import Synchronization

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

    private static let packetsAtATime = 256
    private static let inboxBytes = 1 << 21

    let answers: MQTTAnswers
    private(set) var state = State.away(retryAt: 0)
    private(set) var socket: Int32 = -1
    private(set) var arrivals: [Arrival] = []
    private(set) var inbox: [UInt8] = []
    /// Whether the library may hold bytes of the broker that the socket no longer shows.
    private(set) var hasMore = false
    private let client: OpaquePointer
    private let host: String
    private let port: Int32
    private let filter: String
    private let quality: Int32
    private let deviceLevel: TopicLevel?
    private var backoff: Int64 = 100
    private var received: UInt64 = 0
    private var connections: UInt64 = 0
    private var failures: UInt64 = 0
    /// What was complained of last, on whichever thread, so that one cause is one line in the log.
    private let complaint = Mutex("")

    init(_ configuration: Configuration) throws(GatewayError) {
      let (host, port) = try Configuration.address(configuration.mqtt ?? "", of: "mqtt")
      self.host = host
      self.port = Int32(port)
      filter = configuration.mqttTopic ?? "#"
      quality = Int32(configuration.mqttQuality)
      deviceLevel = TopicLevel(filter: filter)
      let client = unsafe try Self.makeClient(configuration)
      unsafe self.client = client
      answers = unsafe try MQTTAnswers(client, configuration)
      setCallbacks()
    }

    deinit { unsafe mosquitto_destroy(client) }

    var wantsWrite: Bool { unsafe mosquitto_want_write(client) }
    var isReached: Bool { if case .reached = state { true } else { false } }
    var isAway: Bool { if case .away = state { true } else { false } }
    /// Whether answers are on their way that the broker has not confirmed.
    var isWaiting: Bool { answers.isWaiting || (answers.isAccepted && wantsWrite) }

    // MARK: - Coming and going

    /// Called on the dialler's thread, while the loop leaves the client alone.
    var connector: @Sendable () -> Finding? {
      let client = unsafe UInt(bitPattern: client)
      let isFirst = connections == 0
      return { [host, port] in
        let client = unsafe OpaquePointer(bitPattern: client)
        let code =
          isFirst
          ? unsafe mosquitto_connect(client, host, port, 30) : unsafe mosquitto_reconnect(client)
        return .brokerAnswered(Self.words(code))
      }
    }

    /// Whether it is time to try to connect; then it is connecting.
    func startsConnecting(_ now: Int64) -> Bool {
      guard case .away(let retryAt) = state, now >= retryAt else { return false }
      state = .connecting
      return true
    }

    /// - Parameter refusal: why it was not reached; nil when it was.
    func reached(_ refusal: String?, _ now: Int64) {
      if let refusal { return leave(refusal, now) }
      connections += 1
      state = .reached
      socket = unsafe mosquitto_socket(client)
    }

    /// Lets libmosquitto read and write; false when the broker has gone.
    func serve(isReadable: Bool, isWritable: Bool, _ now: Int64) -> Bool {
      arrivals.removeAll(keepingCapacity: true)
      // One large message does not keep its memory.
      inbox.removeAll(keepingCapacity: inbox.capacity <= Self.inboxBytes)
      hasMore = isReadable
      // Many packets at a time, so that one commit serves them all; one call takes one, or as many as
      // the library holds answers. The library's last read found nothing when it says so, with TLS not before its own buffer is empty.
      for _ in 0..<Self.packetsAtATime where hasMore && arrivals.count < Self.packetsAtATime {
        errno = 0
        let code = unsafe mosquitto_loop_read(client, 1)
        hasMore = errno != EAGAIN
        guard code == MOSQ_ERR_SUCCESS.rawValue else { return lost(code, now) }
      }
      if isWritable {
        let code = unsafe mosquitto_loop_write(client, 64)
        guard code == MOSQ_ERR_SUCCESS.rawValue else { return lost(code, now) }
      }
      return true
    }

    /// Keeps the connection alive; false when the broker has gone.
    func keepAlive(_ now: Int64) -> Bool {
      let code = unsafe mosquitto_loop_misc(client)
      return code == MOSQ_ERR_SUCCESS.rawValue || lost(code, now)
    }

    func disconnect(_ now: Int64) {
      answers.park(now)
      guard isReached else { return }
      _ = unsafe mosquitto_disconnect(client)
      _ = unsafe mosquitto_loop_write(client, 64)
    }

    func addMetrics(to metrics: inout MetricsText) {
      metrics.counter("mqtt_received_total", "Messages from the broker", received)
      metrics.counter("mqtt_connections_total", "Times the broker was reached", connections)
      metrics.counter(
        "mqtt_failures_total", "Times the broker was not reached, refused or left", failures)
      metrics.gauge("mqtt_connected", "1 while the broker is there", answers.isAccepted ? 1 : 0)
      answers.addMetrics(to: &metrics)
    }

    // MARK: -

    private func lost(_ code: Int32, _ now: Int64) -> Bool {
      leave(Self.words(code) ?? "", now)
      return false
    }

    private func leave(_ reason: String, _ now: Int64) {
      // The library has said more of a refusal already, and of a certificate.
      if answers.isAccepted || complaint.withLock(\.isEmpty) {
        complain("the broker at \(host):\(port) is away: \(reason)")
      }
      failures += 1
      state = .away(retryAt: now + backoff)
      backoff = min(2 * backoff, 8000)
      answers.isAccepted = false
      hasMore = false
      socket = -1
    }

    private func complain(_ text: String) {
      let isNew = complaint.withLock { last in
        defer { last = text }
        return last != text
      }
      if isNew { Log.write(.warning, text) }
    }

    /// The library's words for a code; nil for success.
    private static func words(_ code: Int32) -> String? {
      if code == MOSQ_ERR_SUCCESS.rawValue { return nil }
      if code == MOSQ_ERR_ERRNO.rawValue { return unsafe String(cString: strerror(errno)) }
      return unsafe String(cString: mosquitto_strerror(code))
    }

    private func setCallbacks() {
      unsafe mosquitto_user_data_set(client, Unmanaged.passUnretained(self).toOpaque())
      unsafe mosquitto_connect_callback_set(client) { _, own, code in
        if let own = unsafe own { unsafe MQTTLink.from(own).accepted(code) }
      }
      unsafe mosquitto_subscribe_callback_set(client) { _, own, _, count, granted in
        guard let own = unsafe own, let granted = unsafe granted, count > 0 else { return }
        // 0x80 is a refusal.
        if unsafe granted[0] < 0 || granted[0] > 2 {
          unsafe MQTTLink.from(own).subscriptionRefused()
        }
      }
      unsafe mosquitto_publish_callback_set(client) { _, own, _ in
        if let own = unsafe own { unsafe MQTTLink.from(own).answers.confirmed() }
      }
      unsafe mosquitto_message_callback_set(client) { _, own, message in
        guard let own = unsafe own, let message = unsafe message?.pointee else { return }
        unsafe MQTTLink.from(own).take(
          UnsafeRawBufferPointer(start: message.payload, count: Int(message.payloadlen)),
          topic: message.topic)
      }
      unsafe mosquitto_log_callback_set(client) { _, own, level, text in
        guard let own = unsafe own, let text = unsafe text, level == MOSQ_LOG_ERR else { return }
        unsafe MQTTLink.from(own).complain("broker: \(String(cString: text))")
      }
    }

    private static func from(_ own: UnsafeMutableRawPointer) -> MQTTLink {
      unsafe Unmanaged<MQTTLink>.fromOpaque(own).takeUnretainedValue()
    }

    private func accepted(_ code: Int32) {
      guard code == 0 else {
        return complain(
          "the broker at \(host):\(port) refuses: "
            + (unsafe String(cString: mosquitto_connack_string(code))))
      }
      complaint.withLock { $0 = "" }
      Log.write(.notice, "the broker at \(host):\(port) is reached")
      answers.isAccepted = true
      backoff = 100
      let code = unsafe mosquitto_subscribe(client, nil, filter, quality)
      if let reason = Self.words(code) {
        failures += 1
        complain("cannot subscribe to \(filter): \(reason)")
      }
    }

    private func subscriptionRefused() {
      failures += 1
      complain("the broker refuses the subscription to \(filter)")
    }

    private func take(_ payload: UnsafeRawBufferPointer, topic: UnsafeMutablePointer<CChar>?) {
      received += 1
      let start = inbox.count
      if let topic = unsafe topic, let deviceLevel {
        let name = unsafe UnsafeRawBufferPointer(start: topic, count: strlen(topic))
        deviceLevel.append(of: unsafe Span(_unsafeBytes: name), to: &inbox)
      }
      let middle = inbox.count
      unsafe inbox.append(contentsOf: payload)
      arrivals.append(Arrival(device: start..<middle, payload: middle..<inbox.count))
    }
  }
#endif
