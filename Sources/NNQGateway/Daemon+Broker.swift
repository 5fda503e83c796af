// SPDX-License-Identifier: Apache-2.0
#if MQTT
  import CGateway

  extension Daemon {
    /// Once a second.
    func keepBroker(_ now: Int64) {
      guard let mqtt, mqtt.isReached else { return }
      if mqtt.keepAlive(now) { watchBroker() }
    }

    /// In every turn: connects when it is time to.
    func connectBroker(_ now: Int64) {
      guard let mqtt, mqtt.startsConnecting(now) else { return }
      dialler.post(mqtt.connector)
    }

    func brokerAnswered(_ refusal: String?, _ now: Int64) {
      guard let mqtt else { return }
      mqtt.reached(refusal, now)
      guard mqtt.isReached else { return }
      brokerInterest = GATEWAY_READABLE
      try? poller.add(mqtt.socket, brokerInterest, token: Token.broker)
      watchBroker()
    }

    func serveBroker(isReadable: Bool, isWritable: Bool, _ now: Int64) {
      guard let mqtt, mqtt.isReached else { return }
      // Where the broker has gone, epoll has forgotten the socket, which the library has closed.
      _ = mqtt.serve(isReadable: isReadable, isWritable: isWritable, now)
      let inbox = mqtt.inbox
      for arrival in mqtt.arrivals {
        let start = mqtt.answers.write { answers in
          let payload = inbox.span.extracting(arrival.payload)
          if !payload.isEmpty, payload[0] == Frame.magic {
            engine.answer(wholeFrame: payload, into: &answers)
          } else {
            engine.answer(
              line: payload, device: Array(inbox[arrival.device]), into: &answers)
          }
        }
        mqtt.answers.hold(
          engine.lastDevice.isEmpty ? Array(inbox[arrival.device]) : engine.lastDevice, from: start,
          waitsForDisk: engine.isHeld)
        if engine.isFull { commit(now) }
      }
    }

    /// Waits for room at the socket only while something is left to be sent.
    func watchBroker() {
      guard let mqtt, mqtt.isReached else { return }
      let interest = mqtt.wantsWrite ? GATEWAY_READABLE | GATEWAY_WRITABLE : GATEWAY_READABLE
      guard interest != brokerInterest else { return }
      if poller.change(mqtt.socket, interest, token: Token.broker) { brokerInterest = interest }
    }
  }
#endif
