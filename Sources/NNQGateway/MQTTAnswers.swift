// SPDX-License-Identifier: Apache-2.0
#if MQTT
  import CMosquitto

  /// Answers on their way to the broker: those of this turn, which wait for the disk, those that the
  /// library holds until the broker confirms them, those that wait in memory for room in the library,
  /// and those in the spool while the broker is away or takes too little.
  @safe
  final class MQTTAnswers {
    /// Answers that the library holds at most, all of them on their way. The library reads as many
    /// packets at a time as it holds answers: this bounds what a turn takes in, too.
    static let inFlightLimit = 1000

    /// Whether the broker takes answers.
    var isAccepted = false
    private(set) var inFlight = 0
    /// Where in ``outbox`` an answer and after it its device lie.
    private var held: [(answer: Range<Int>, device: Range<Int>, waitsForDisk: Bool)] = []
    private var outbox: [UInt8] = []
    private let client: OpaquePointer
    /// Nil where nobody is answered.
    private let pattern: TopicPattern?
    private let quality: Int32
    private let spool: Spool?
    private var waiting = AnswerQueue()
    private var topic: [CChar] = []
    private var published: UInt64 = 0
    private var lost: UInt64 = 0
    private var refused: UInt64 = 0

    init(_ client: OpaquePointer, _ configuration: Configuration) throws(GatewayError) {
      unsafe self.client = client
      pattern = configuration.mqttAnswers.flatMap { TopicPattern($0) }
      quality = Int32(configuration.mqttQuality)
      if let folder = configuration.state {
        spool = try Spool(
          folder + "/spool", byteLimit: configuration.spoolBytes,
          lifetimeMilliseconds: 1000 * Int64(configuration.spoolSeconds),
          boot: Spool.currentBoot(), now: monotonicMilliseconds())
      } else {
        spool = nil
      }
    }

    /// Writes an answer; returns where it starts.
    func write(_ body: (inout [UInt8]) -> Void) -> Int {
      let start = outbox.count
      body(&outbox)
      return start
    }

    /// Keeps an answer until its message is on disk.
    func hold(_ device: [UInt8], from start: Int, waitsForDisk: Bool) {
      // A topic may have a level that is no name of a device.
      let isName = device.count <= Message.deviceBytes && pattern?.takes(device) ?? true
      guard pattern != nil, isName else {
        if !isName { refused += 1 }
        outbox.removeLast(outbox.count - start)
        return
      }
      let end = outbox.count
      // The bytes themselves: an array that is kept could not be filled again in place.
      outbox += device
      held.append((start..<end, end..<outbox.count, waitsForDisk))
    }

    /// Publishes the answers of this turn; refusals where their messages could not be kept.
    func release(isKept: Bool, now: Int64) {
      var refusal: [UInt8] = []
      for (answer, device, waitsForDisk) in held {
        var payload = outbox[answer]
        if !isKept, waitsForDisk {
          refusal.removeAll(keepingCapacity: true)
          HeldAnswer.appendRefusal(of: payload, to: &refusal)
          payload = refusal[...]
        }
        // A line without its end; a frame as it is.
        if payload.first != Frame.magic { payload = payload.dropLast() }
        if isAccepted, isFirst, inFlight < Self.inFlightLimit,
          publish(outbox[device], payload) == .done
        {
          continue
        }
        keep(Spool.Record(device: Array(outbox[device]), answer: Array(payload)), now)
      }
      held.removeAll(keepingCapacity: true)
      outbox.removeAll(keepingCapacity: true)
      forward(now)
    }

    /// Takes answers from memory to the disk, where there is a spool.
    func park(_ now: Int64) {
      guard let spool else { return }
      while let record = waiting.next() {
        spool.append(device: record.device, answer: record.answer, now: now)
      }
    }

    /// Whether answers are on their way.
    var isWaiting: Bool { isAccepted && (inFlight > 0 || !waiting.isEmpty) }

    /// The broker has one answer, or the library has sent it where no confirmation is asked for.
    func confirmed() { inFlight = max(inFlight - 1, 0) }

    func addMetrics(to metrics: inout MetricsText) {
      metrics.counter("mqtt_published_total", "Answers handed to the broker", published)
      metrics.gauge("mqtt_in_flight", "Answers that the broker has not confirmed", inFlight)
      metrics.gauge("mqtt_waiting", "Answers that wait in memory", waiting.count)
      metrics.counter(
        "mqtt_lost_total",
        "Answers dropped: the broker was away, took too little, or never takes such a topic",
        [
          ("reason=\"no-spool\"", lost), ("reason=\"refused\"", refused),
          ("reason=\"full\"", spool?.dropped ?? 0),
          ("reason=\"expired\"", spool?.expired ?? 0),
          ("reason=\"damaged\"", spool?.damaged ?? 0),
        ])
      metrics.counter("spool_stored_total", "Answers that waited on disk", spool?.stored ?? 0)
      metrics.gauge("spool_bytes", "Bytes that wait on disk", spool?.bytes ?? 0)
    }

    // MARK: -

    /// Whether no older answer waits.
    private var isFirst: Bool { waiting.isEmpty && spool?.isEmpty ?? true }

    /// In memory while the broker is there and nothing waits on the disk; else on the disk.
    private func keep(_ record: Spool.Record, _ now: Int64) {
      if isAccepted, spool?.isEmpty ?? true, waiting.append(record) { return }
      if let spool {
        spool.append(device: record.device, answer: record.answer, now: now)
      } else {
        lost += 1
      }
    }

    private func forward(_ now: Int64) {
      guard isAccepted else { return park(now) }
      while inFlight < Self.inFlightLimit, let record = waiting.next() ?? spool?.next(now: now) {
        if publish(record.device[...], record.answer[...]) == .later {
          keep(record, now)
          return
        }
      }
    }

    private enum Outcome { case done, later }

    /// What the library says of a topic or an answer that no broker will ever take.
    private static let lasting = [
      MOSQ_ERR_INVAL, MOSQ_ERR_MALFORMED_UTF8, MOSQ_ERR_PAYLOAD_SIZE, MOSQ_ERR_OVERSIZE_PACKET,
    ].map(\.rawValue)

    private func publish(_ device: ArraySlice<UInt8>, _ payload: ArraySlice<UInt8>) -> Outcome {
      guard let pattern else { return .done }
      pattern.write(device, to: &topic)
      // Before the call, in which the library may say that it is sent.
      inFlight += 1
      let code = unsafe payload.withUnsafeBytes {
        unsafe mosquitto_publish(
          client, nil, topic, Int32($0.count), $0.baseAddress, quality, false)
      }
      if code == MOSQ_ERR_SUCCESS.rawValue {
        published += 1
        return .done
      }
      confirmed()
      guard Self.lasting.contains(code) else { return .later }
      refused += 1
      return .done
    }
  }
#endif
