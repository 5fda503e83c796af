// SPDX-License-Identifier: Apache-2.0
import CGateway
import Glibc
import NNQFiles

/// What the daemon does for those who run it: signs of life, figures, signals, the end.
extension Daemon {
  var statusText: String {
    guard let model = engine.model else { return "waiting for a model" }
    return "\(model.name) \(model.identity.prefix(16)), \(engine.counters.decisions) decisions"
  }

  /// How often the watchdog gets a sign of life.
  var watchdogPeriod: Int64? { serviceManager.watchdogMilliseconds.map { max($0 / 2, 1) } }

  /// The loop is alive, or this would not run; the worker is unless one job of it takes longer than
  /// the watchdog's time.
  func feedWatchdog(_ now: Int64) {
    guard let limit = serviceManager.watchdogMilliseconds, let period = watchdogPeriod,
      now >= nextWatchdog
    else { return }
    nextWatchdog = now + period
    guard worker.busyMilliseconds(now) <= limit else {
      loopCounters.withheldWatchdog += 1
      Log.write(
        .error, "a job of the worker takes longer than the watchdog's time: no sign of life")
      return
    }
    serviceManager.notify("WATCHDOG=1")
  }

  /// Once a second.
  func publishFigures(_ now: Int64) {
    if now >= nextStatus {
      nextStatus = now + 10_000
      serviceManager.notify("STATUS=\(statusText)")
      if let path = configuration.metricsFile {
        let text = metricsText()
        worker.post {
          do throws(FileError) { try writeFile(Array(text.utf8), to: path) } catch {
            return .metricsFileFailed(error)
          }
          return nil
        }
      }
    }
    if now >= nextStatistics {
      nextStatistics = now + 60_000
      saveStatistics()
      askForKeys()
      // What is behind a link changes without an event.
      look(skipsDone: false)
    }
  }

  /// Somebody asks for the figures over HTTP.
  func answerMetrics() {
    #if Metrics
      metricsServer?.publish(
        metrics: metricsText(), health: healthText(),
        isHealthy: engine.model != nil && journal?.trouble ?? 0 == 0)
    #endif
  }

  func takeSignals() {
    while true {
      switch gateway_next_signal(signals) {
      case 0: return
      case SIGTERM, SIGINT: isEnding = true
      case SIGHUP:
        // One more READY tells the manager that the reload is over.
        let microseconds = monotonicMilliseconds() * 1000
        serviceManager.notify("RELOADING=1\nMONOTONIC_USEC=\(microseconds)")
        reload()
        serviceManager.notify("READY=1\nSTATUS=\(statusText)")
      default: break
      }
    }
  }

  /// Takes in no more callers, answers what has been sent, and ends with all on its way: answers to the
  /// senders, answers to the broker and its confirmations, statistics. All that takes four seconds at
  /// most.
  ///
  /// - Throws: ``GatewayError`` when the statistics are not on disk then.
  func end() throws(GatewayError) {
    serviceManager.notify("STOPPING=1")
    if listener >= 0 { poller.remove(listener, token: Token.listener) }
    let start = monotonicMilliseconds()
    repeat { turn(timeout: 0) } while !events.isEmpty && monotonicMilliseconds() < start + 500
    while monotonicMilliseconds() < start + 2000 {
      let now = monotonicMilliseconds()
      var isDone = true
      for token in connections.keys.sorted() {
        guard let connection = connections[token] else { continue }
        send(connection, now)
        if connections[token] != nil, connection.hasUnsent { isDone = false }
      }
      #if MQTT
        if let mqtt, mqtt.isWaiting { isDone = false }
      #endif
      if isDone { break }
      turn(timeout: 10)
    }
    #if MQTT
      mqtt?.disconnect(monotonicMilliseconds())
    #endif
    saveStatistics()
    guard worker.finish(milliseconds: 2000) else {
      throw GatewayError(call: "write the last files", ETIMEDOUT)
    }
    for case .statistics(let error?) in worker.takeFindings() { throw .file(error) }
  }
}
