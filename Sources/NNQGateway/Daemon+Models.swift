// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQFiles
import NNQState

extension Daemon {
  /// The model that the state names as live, else the one before it, else the one that was given.
  func loadFirstModel() throws(GatewayError) {
    if let store, let state = rollout.state {
      for identity in [state.live, state.previous].compactMap({ $0 }) {
        let path = store.path(identity)
        var check = ModelCheck(configuration)
        check.looksAtEnds = false
        do throws(ModelRefusal) {
          let candidate = try check.candidate(
            path, signaturePath: String(path.dropLast(4)) + ".sig")
          guard candidate.model.identity == identity else { throw .selfTest }
          rollout.begin(with: candidate)
          use(candidate.model)
          return
        } catch {
          modelRefusals += 1
          Log.write(.error, "\(path): refused: \(error.words)")
        }
      }
    }
    guard let path = configuration.model else { return }
    do throws(ModelRefusal) {
      let candidate = try ModelCheck(configuration).candidate(path)
      if let store {
        do throws(FileError) {
          try store.keep(
            candidate.bytes, signature: candidate.signature, identity: candidate.model.identity)
        } catch {
          throw .store(error)
        }
      }
      rollout.begin(with: candidate)
      use(candidate.model)
    } catch {
      throw .model(file: path, error)
    }
  }

  func takeFindings(_ now: Int64) {
    for finding in worker.takeFindings() + dialler.takeFindings() {
      switch finding {
      case .candidate(let candidate):
        if let action = rollout.offer(candidate, &engine, now: now) { perform(action, now) }
      case .refused(let name, .incomplete(let stated, let actual)):
        incompleteModels += 1
        Log.write(.information, "\(name): \(actual) of \(stated) bytes, not complete yet")
      case .noKeys(let reason): Log.write(.error, reason.words)
      case .refused(let name, let reason):
        modelRefusals += 1
        Log.write(.warning, "\(name): refused: \(reason.words)")
      case .stored: change(now)
      case .notStored(let error):
        Log.write(.error, "\(error.path): \(error.reason)")
        if let action = rollout.notStored(.store(error), &engine) { perform(action, now) }
      case .keys(let ring): checkTrust(ring, now)
      case .settled: Log.write(.information, "\(engine.model?.identity ?? ""): settled")
      case .metricsFileFailed(let error):
        loopCounters.failedMetricsFiles += 1
        Log.write(.error, "metrics-file \(error.path): \(error.reason)")
      case .statistics(let error):
        guard let error else { continue }
        Log.write(.error, "statistics \(error.path): \(error.reason)")
      case .brokerAnswered(let refusal):
        #if MQTT
          brokerAnswered(refusal, now)
        #else
          _ = refusal
        #endif
      }
    }
  }

  func perform(_ action: Rollout.Action, _ now: Int64) {
    switch action {
    case .refused(let name, let reason):
      Log.write(.warning, "\(name): refused: \(reason.words)")
      // The state of a change that is being written is not written before its model is kept.
      if case .storing = rollout.phase { return }
      if let store, let state = rollout.state {
        worker.post {
          try? store.save(state)
          return nil
        }
      }
    case .store(let candidate, let state):
      guard let store else { return change(now) }
      worker.post {
        do throws(FileError) {
          if let candidate {
            try store.keep(
              candidate.bytes, signature: candidate.signature, identity: candidate.model.identity)
          }
          try store.save(state)
          store.prune(state)
          return .stored
        } catch {
          return .notStored(error)
        }
      }
    case .save(let state):
      guard let store else { return }
      worker.post {
        do throws(FileError) {
          try store.save(state)
          return .settled
        } catch {
          return .notStored(error)
        }
      }
    }
  }

  /// Between two messages: nothing that was answered by the old model is left unsent.
  private func change(_ now: Int64) {
    saveStatistics()
    let before = engine.model?.identity
    rollout.stored(&engine, now: now)
    guard let model = engine.model, model.identity != before else { return }
    Log.write(.notice, "\(model.name): live, \(model.identity)")
    serviceManager.notify("STATUS=\(statusText)")
  }

  private func use(_ model: GatewayModel) {
    engine.use(model, state: statisticsPath(model).flatMap { readStatistics($0) })
    Log.write(.notice, "\(model.name): live, \(model.identity)")
  }

  /// The statistics of a file; one that is damaged is kept under another name.
  private func readStatistics(_ path: String) -> ModelState? {
    let bytes: [UInt8]
    do throws(FileError) { bytes = try readGivenFile(path, limit: 1 << 26) } catch {
      if error.code == ENOENT { return nil }
      damagedStatistics += 1
      Log.write(.error, "\(path): \(error.reason); the statistics begin anew")
      return nil
    }
    if let state = try? ModelState(parsing: bytes) { return state }
    damagedStatistics += 1
    let aside = path + ".damaged"
    _ = unsafe rename(path, aside)
    Log.write(.error, "\(path): damaged, kept as \(aside); the statistics begin anew")
    return nil
  }

  func saveStatistics() {
    guard let model = engine.model, let state = engine.statistics,
      let path = statisticsPath(model), state.rows > 0
    else { return }
    worker.post {
      guard let bytes = try? state.serialized() else {
        return .statistics(FileError(path: path, operation: .write, code: EFBIG))
      }
      do throws(FileError) { try writeFile(bytes, to: path) } catch { return .statistics(error) }
      return .statistics(nil)
    }
  }

  private func statisticsPath(_ model: GatewayModel) -> String? {
    configuration.state.map { "\($0)/statistics-\(model.identity.prefix(16)).state" }
  }
}
