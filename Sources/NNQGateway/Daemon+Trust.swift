// SPDX-License-Identifier: Apache-2.0
import NNQSigning

/// A model that runs must still be one that may: a key that was revoked, a class or a rule that has
/// changed take it away, at a reload, at a start and once a minute.
extension Daemon {
  /// Once a minute: looks at the key ring's file, on the worker's thread.
  func askForKeys() {
    guard let keys = configuration.keys, engine.model != nil else { return }
    worker.post {
      do throws(ModelRefusal) { return .keys(try ModelCheck.ring(keys)) } catch {
        return .noKeys(error)
      }
    }
  }

  /// Takes the live model away where it may not run any longer; where none decides, one that may run
  /// again comes back.
  ///
  /// - Parameter ring: the keys as they are now; nil where none are set.
  func checkTrust(_ ring: KeyRing?, _ now: Int64) {
    let check = ModelCheck(configuration)
    func isTrusted(_ model: GatewayModel) -> Bool { (try? check.verifyAgain(model, ring)) != nil }
    guard let model = engine.model else {
      // One that is being written comes first.
      if case .settled = rollout.phase { loadModelAgain() }
      return
    }
    do throws(ModelRefusal) {
      try check.verifyAgain(model, ring)
      if let action = rollout.forgetPrevious(&engine, isTrusted: isTrusted) { perform(action, now) }
      return
    } catch {
      Log.write(.error, "\(model.name): taken away: \(error.words)")
    }
    // What it answered so far stays said, and stands under its hash.
    commit(now)
    saveStatistics()
    if let action = rollout.withdraw(&engine, isTrusted: isTrusted) { return perform(action, now) }
    loadModelAgain()
    if engine.model == nil { Log.write(.error, "no model decides: messages are refused") }
  }

  /// As a start would.
  private func loadModelAgain() {
    do throws(GatewayError) { try loadFirstModel() } catch { Log.write(.error, error.sentence) }
    serviceManager.notify("STATUS=\(statusText)")
  }
}
