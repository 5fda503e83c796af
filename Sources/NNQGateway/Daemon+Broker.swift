// SPDX-License-Identifier: Apache-2.0
#if MQTT
  import CGateway

  extension Daemon {
    /// Once a second.
    func keepBroker(_ now: Int64) {
      guard let mqtt, mqtt.isReached else { return }
      if mqtt.keepAlive(now) { watchBroker() } else { lostBroker() }
    }

    /// In every turn: connects when it is time to.
    func connectBroker(_ now: Int64) {
      guard let mqtt, mqtt.startsConnecting(now) else { return }
      worker.post(mqtt.connector)
    }

    func brokerAnswered(_ isReached: Bool, _ now: Int64) {
      guard let mqtt else { return }
      mqtt.reached(isReached, now)
      guard isReached else { return }
      Log.write(.notice, "the broker is reached")
      brokerInterest = GATEWAY_READABLE
      try? poller.add(mqtt.socket, brokerInterest, token: Token.broker)
      watchBroker()
    }

    func serveBroker(_ event: Poller.Event, _ now: Int64) {
      guard let mqtt, mqtt.isReached else { return }
      let isThere = mqtt.serve(isReadable: event.isReadable, isWritable: event.isWritable, now)
      let inbox = mqtt.inbox
      for arrival in mqtt.arrivals {
        let start = mqtt.answer { answers in
          let payload = inbox.span.extracting(arrival.payload)
          if !payload.isEmpty, payload[0] == Frame.magic {
            engine.answer(wholeFrame: payload, into: &answers)
          } else {
            engine.answer(
              line: payload, device: Array(inbox[arrival.device]), into: &answers)
          }
        }
        mqtt.hold(
          engine.lastDevice.isEmpty ? Array(inbox[arrival.device]) : engine.lastDevice, from: start)
      }
      if !isThere { lostBroker() }
    }

    /// Waits for room at the socket only while something is left to be sent.
    func watchBroker() {
      guard let mqtt, mqtt.isReached else { return }
      let interest = mqtt.wantsWrite ? GATEWAY_READABLE | GATEWAY_WRITABLE : GATEWAY_READABLE
      guard interest != brokerInterest else { return }
      brokerInterest = interest
      poller.change(mqtt.socket, interest, token: Token.broker)
    }

    private func lostBroker() {
      // The library has closed the socket, by which epoll has forgotten it.
      Log.write(.warning, "the broker is gone")
    }
  }
#endif
