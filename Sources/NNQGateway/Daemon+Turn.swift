// SPDX-License-Identifier: Apache-2.0
import CGateway
import Glibc

/// One turn of the loop.
extension Daemon {
  /// Waits for at most so many milliseconds, answers what came, and sends.
  package func turn(timeout: Int32) {
    poller.wait(resumed.isEmpty ? min(timeout, longestWait) : 0, &events)
    loopCounters.turns += 1
    let now = monotonicMilliseconds()
    #if MQTT
      var isBrokerServed = false
    #endif
    let waiting = resumed
    resumed.removeAll()
    for connection in waiting where connections[connection.token] != nil && connection.isPaused {
      answer(connection, now)
      touched.append(connection)
      if engine.isFull { commit(now) }
    }
    for event in events {
      switch event.token {
      case Token.listener: accept(now)
      // What messages changed is settled before anything else changes it.
      case Token.signals:
        commit(now)
        takeSignals()
      case Token.worker:
        commit(now)
        takeFindings(now)
      case Token.folder: lookAtFolder()
      case Token.metrics: answerMetrics()
      case Token.broker:
        #if MQTT
          serveBroker(isReadable: event.isReadable, isWritable: event.isWritable, now)
          isBrokerServed = true
        #endif
      default:
        guard let connection = connections[event.token & ~Token.output] else { continue }
        let isOutput = event.token & Token.output != 0
        if event.isReadable, !isOutput { receive(connection, now) }
        if event.isWritable || isOutput { touched.append(connection) }
        if engine.isFull { commit(now) }
      }
    }
    #if MQTT
      if !isBrokerServed, mqtt?.hasMore == true {
        serveBroker(isReadable: true, isWritable: false, now)
      }
    #endif
    commit(now)
    if let action = rollout.advance(&engine, now: now) { perform(action, now) }
    #if MQTT
      connectBroker(now)
    #endif
    feedWatchdog(now)
    if now >= nextSweep {
      nextSweep = now + 1000
      sweep(now)
      publishFigures(now)
    }
  }

  /// Milliseconds after which something of its own is due: the watchdog, or a try to reach the broker.
  private var longestWait: Int32 {
    let period = Int32(clamping: watchdogPeriod ?? 1000)
    #if MQTT
      if let mqtt, mqtt.isAway { return min(period, 100) }
      if let mqtt, mqtt.hasMore { return 0 }
    #endif
    return period
  }

  // MARK: -

  /// Puts the messages of this turn on disk, then lets their answers go.
  func commit(_ now: Int64) {
    let isKept = keepRecords()
    for connection in touched {
      connection.release(isKept: isKept)
      send(connection, now)
    }
    touched.removeAll(keepingCapacity: true)
    #if MQTT
      mqtt?.answers.release(isKept: isKept, now: now)
      watchBroker()
    #endif
  }

  private func keepRecords() -> Bool {
    // The record of a model alone waits for its first decision.
    guard let journal, engine.held > 0 else { return true }
    let isKept = journal.append(engine.records, model: engine.model?.identity ?? "")
    if isKept {
      engine.confirm()
      if unkept > 0 {
        Log.write(.notice, "the journal is written again; \(unkept) messages were refused")
      }
      unkept = 0
    } else {
      if unkept == 0 {
        let reason = unsafe String(cString: strerror(journal.trouble))
        Log.write(.error, "the journal cannot be written: \(reason); messages are refused")
      }
      unkept += engine.held
      engine.rollBack()
    }
    journal.advance(engine.devices)
    return isKept
  }

  /// Looks for senders that take nothing and for messages that stay half sent.
  private func sweep(_ now: Int64) {
    if let jump = clockWatch.look(monotonic: now, wall: wallClock()) {
      Log.write(.warning, "the wall clock has jumped by \(jump) ms")
    }
    listenAgain()
    keepWatch()
    journal?.look(engine.devices)
    for token in connections.keys.sorted() {
      guard let connection = connections[token] else { continue }
      let patience = 1000 * Int64(configuration.stallSeconds)
      if connection.waiting > 0, now - connection.lastTaken > patience {
        loopCounters.slowConsumers += 1
        drop(connection)
      } else if connection.insideMessage(now) > patience, connection.kind == .socket {
        loopCounters.halfOpen += 1
        drop(connection)
      } else {
        connection.tidy(now)
        watch(connection)
      }
    }
    #if MQTT
      keepBroker(now)
    #endif
    #if Metrics
      metricsServer?.sweep()
    #endif
  }
}
