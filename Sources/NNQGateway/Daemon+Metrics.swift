// SPDX-License-Identifier: Apache-2.0
import NNQFiles
import NNQState

extension Daemon {
  /// All that was counted, in the text format of Prometheus.
  package func metricsText() -> String {
    var metrics = MetricsText()
    addMessages(to: &metrics)
    addModels(to: &metrics)
    metrics.counter("turns_total", "Times that the loop has woken", loopCounters.turns)
    metrics.counter("connections_total", "Senders that came", loopCounters.connections)
    metrics.counter(
      "accept_failures_total", "Times the system had no room for one more sender, who waits then",
      loopCounters.failedAccepts)
    metrics.counter(
      "connections_dropped_total", "Senders that were turned away or cut off",
      [
        ("reason=\"limit\"", loopCounters.refusedConnections),
        ("reason=\"slow\"", loopCounters.slowConsumers),
        ("reason=\"half-open\"", loopCounters.halfOpen),
      ])
    metrics.gauge("connections", "Senders that are there", connections.count)
    metrics.counter(
      "clock_jumps_total", "Times that the wall clock was set or the machine slept",
      clockWatch.jumps)
    metrics.counter(
      "watchdog_withheld_total", "Signs of life withheld because the worker hung",
      loopCounters.withheldWatchdog)
    metrics.counter(
      "metrics_file_failures_total", "Times that metrics-file could not be written",
      loopCounters.failedMetricsFiles)
    metrics.counter(
      "reloads_total", "Times that settings were read again",
      [
        ("result=\"done\"", loopCounters.reloads),
        ("result=\"refused\"", loopCounters.failedReloads),
      ])
    if let journal {
      metrics.counter("journal_bytes_total", "Bytes written to the journal", journal.bytesWritten)
      metrics.counter("journal_files_total", "Files begun", journal.filesBegun)
      metrics.counter("journal_failures_total", "Writes that failed", journal.failures)
      metrics.gauge(
        "journal_damaged_bytes", "Bytes that could not be read at the start",
        journal.damagedBytes)
    }
    if let shadow = engine.shadow {
      metrics.counter("shadow_messages_total", "Messages beside the live model", shadow.messages)
      metrics.counter("shadow_flips_total", "Decisions unlike the live model's", shadow.flips)
      metrics.counter(
        "shadow_faults_total", "Messages that the shadow could not decide", shadow.faults)
      metrics.histogram(
        "shadow_distance", "The largest difference of an output", edges: Shadow.edges,
        counts: shadow.distances, sum: shadow.distanceSum)
    }
    metrics.counter(
      "statistics_damaged_total", "Files of statistics that could not be read", damagedStatistics)
    addDrift(to: &metrics)
    #if MQTT
      mqtt?.addMetrics(to: &metrics)
    #endif
    #if Metrics
      metricsServer?.addMetrics(to: &metrics)
    #endif
    return metrics.text
  }

  /// One line of JSON.
  package func healthText() -> String {
    let model = engine.model.map { "\"\($0.identity)\"" } ?? "null"
    let status = engine.model == nil ? "no-model" : journal?.trouble ?? 0 != 0 ? "journal" : "ok"
    return "{\"status\":\"\(status)\",\"model\":\(model),"
      + "\"phase\":\"\(rollout.phase.name)\",\"decisions\":\(engine.counters.decisions)}"
  }

  // MARK: -

  private func addMessages(to metrics: inout MetricsText) {
    let counters = engine.counters
    metrics.counter("decisions_total", "Messages that were decided", counters.decisions)
    metrics.counter(
      "duplicates_total", "Messages that had been decided before", counters.duplicates)
    metrics.counter(
      "duplicates_forgotten_total", "Duplicates whose decision was not known any more",
      counters.forgotten)
    metrics.counter(
      "refused_total", "Messages that were answered with an error",
      MessageFault.allCases.map { ("reason=\"\($0.name)\"", counters.count(of: $0)) })
    metrics.gauge("devices", "Devices whose sequence numbers are known", engine.devices.count)
  }

  private func addModels(to metrics: inout MetricsText) {
    if let model = engine.model {
      metrics.gauge(
        "model_info", "The model that decides",
        [
          (
            "sha256=\"\(model.identity)\",\(MetricsText.label("file", model.name)),"
              + "phase=\"\(rollout.phase.name)\"", 1
          )
        ])
    }
    metrics.counter("model_swaps_total", "Models that became live", rollout.swaps)
    metrics.counter(
      "model_withdrawals_total", "Live models that were taken away: revoked, or of another class",
      rollout.withdrawals)
    metrics.counter("model_returns_total", "Models that had to go again", rollout.returns)
    metrics.counter(
      "model_refusals_total", "Models that did not become live", rollout.refusals + modelRefusals)
    metrics.counter(
      "model_incomplete_total", "Looks at files that were not complete", incompleteModels)
    metrics.counter(
      "model_folder_losses_total", "Times that the models' folder had gone", folderLosses)
  }

  private func addDrift(to metrics: inout MetricsText) {
    guard let state = engine.statistics else { return }
    metrics.counter("statistics_rows_total", "Messages that the statistics hold", state.rows)
    let drift = state.driftFromProfile()
    guard !drift.isEmpty else { return }
    func values(_ figure: (Drift) -> Double) -> [(labels: String, value: Double)] {
      drift.map {
        ("\(MetricsText.label($0.isFeature ? "feature" : "score", $0.name))", figure($0))
      }
    }
    metrics.gauge("drift_psi", "Population stability index against training", values(\.psi))
    metrics.gauge("drift_ks", "Kolmogorov-Smirnov distance against training", values(\.ks))
  }
}
