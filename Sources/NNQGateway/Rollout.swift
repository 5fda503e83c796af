// SPDX-License-Identifier: Apache-2.0
import NNQSigning

/// Takes a candidate to the place of the live model, or sends it away: trial beside the live model,
/// the state file, the change between two messages, probation, and back where it does no good.
package struct Rollout {
  package private(set) var phase = Phase.settled
  package private(set) var state: ModelStore.State?
  package private(set) var swaps: UInt64 = 0
  package private(set) var returns: UInt64 = 0
  package private(set) var refusals: UInt64 = 0
  package private(set) var withdrawals: UInt64 = 0
  package var limits: Limits
  /// Hashes of models that were live before, were refused or gave way to another, so that a start need
  /// not try them again.
  package private(set) var done: [String]
  /// The version below which a model is a step back. It never falls, not even on the way back to the
  /// model before.
  package private(set) var minimumVersion: UInt64
  /// Came while another one was on its way; only the one of the highest version waits, of equal ones
  /// the last.
  private var waiting: Candidate?

  package init(_ limits: Limits, state: ModelStore.State? = nil) {
    self.limits = limits
    self.state = state
    done = state?.done ?? []
    minimumVersion = state?.version ?? 0
  }

  /// Says which model decides from the start on.
  package mutating func begin(with first: Candidate) {
    minimumVersion = max(minimumVersion, first.version ?? 0)
  }

  /// Takes in a candidate that passed every check of its own.
  package mutating func offer(
    _ candidate: Candidate, _ engine: inout Engine, now: Int64
  ) -> Action? {
    let identity = candidate.model.identity
    // An unsigned one, where those are allowed, has no version.
    if let version = candidate.version, version < minimumVersion {
      return sendAway(
        candidate, .signature(.downgrade(found: version, minimum: minimumVersion)))
    }
    guard identity != engine.model?.identity else { return nil }
    var displaced: Candidate?
    switch phase {
    case .storing(let other, _):
      return identity == other.model.identity ? nil : wait(candidate)
    case .probation, .returning: return wait(candidate)
    case .trial(let other, _):
      if identity == other.model.identity { return nil }
      guard engine.trial != nil, candidate.isNotBelow(other) else { return wait(candidate) }
      displaced = other
    case .settled: break
    }
    guard let live = engine.model, displaced != nil || limits.trialMessages > 0 else {
      return store(candidate, &engine)
    }
    guard let trial = Trial(candidate.model, beside: live) else {
      return sendAway(candidate, .shadow(.otherFeatures))
    }
    engine.trial = trial
    phase = .trial(candidate, until: now + limits.trialMilliseconds)
    return displaced.map { sendAway($0, .superseded(by: candidate.model.name)) }
  }

  /// Looks, after messages or after time has passed, whether something is decided.
  package mutating func advance(_ engine: inout Engine, now: Int64) -> Action? {
    switch phase {
    case .settled:
      guard let next = waiting.take() else { return nil }
      return offer(next, &engine, now: now)
    case .storing, .returning: return nil
    case .trial(let candidate, let until):
      guard let trial = engine.trial else {
        // The live model was taken away meanwhile.
        phase = .settled
        return offer(candidate, &engine, now: now)
      }
      if let fault = trial.fault { return refuse(candidate, .shadow(.unreadable(fault)), &engine) }
      guard trial.messages >= limits.trialMessages || now >= until else { return nil }
      if isOver(trial.flips, limits.maxFlips, trial) {
        return refuse(candidate, .shadow(.flips(trial.flips, of: trial.messages)), &engine)
      }
      if isOver(trial.saturated, limits.maxSaturated, trial) {
        return refuse(candidate, .shadow(.saturated(trial.saturated, of: trial.messages)), &engine)
      }
      return store(candidate, &engine)
    case .probation(let previous, let until):
      guard let trial = engine.trial else { return settle(&engine) }
      // As in a trial one message is enough: those who send it would be refused from now on.
      if trial.liveFault != nil { return goBack(to: previous, &engine) }
      // What is wrong shows early; a share of too few messages says nothing.
      let isEnough = trial.messages >= min(limits.probationMessages, 20)
      if isEnough,
        isOver(trial.liveSaturated, limits.maxSaturated, trial)
          || isOver(trial.flips, limits.maxFlips, trial)
      {
        return goBack(to: previous, &engine)
      }
      guard trial.messages >= limits.probationMessages || now >= until else { return nil }
      return settle(&engine)
    }
  }

  /// The state that ``Action/store(_:_:)`` asked for is on disk: changes the live model.
  package mutating func stored(_ engine: inout Engine, now: Int64) {
    switch phase {
    case .storing(let candidate, _):
      minimumVersion = max(minimumVersion, candidate.version ?? 0)
      let previous = engine.model
      engine.use(candidate.model)
      engine.trial = previous.flatMap { Trial($0, beside: candidate.model, isPrevious: true) }
      if let previous, engine.trial != nil {
        swaps += 1
        phase = .probation(previous: previous, until: now + limits.probationMilliseconds)
      } else {
        if previous != nil { swaps += 1 }
        phase = .settled
      }
    case .returning(let previous):
      engine.use(previous)
      engine.trial = nil
      returns += 1
      phase = .settled
    case .settled, .trial, .probation: break
    }
  }

  /// The state could not be written: the live model stays, which the state file names still.
  package mutating func notStored(_ refusal: ModelRefusal, _ engine: inout Engine) -> Action? {
    switch phase {
    case .storing(let candidate, let before):
      done.removeAll { $0 == engine.model?.identity }
      state = before
      state?.done = done
      phase = .settled
      // A full disk says nothing against the model.
      return sendAway(candidate, refusal)
    case .returning(let previous):
      // A model that failed does not stay because a disk is full.
      engine.use(previous)
      engine.trial = nil
      returns += 1
      phase = .settled
      return nil
    case .settled, .trial, .probation: return nil
    }
  }

  /// The live model may not run any longer: the one before does where that is still there and may, else
  /// none does. A candidate on trial is offered anew.
  package mutating func withdraw(
    _ engine: inout Engine, isTrusted: (GatewayModel) -> Bool
  ) -> Action? {
    withdrawals += 1
    switch phase {
    case .probation(let previous, _):
      if isTrusted(previous) { return goBack(to: previous, &engine) }
      phase = .settled
    case .settled, .trial, .storing, .returning: break
    }
    engine.withdraw()
    return nil
  }

  /// The model before the live one may not run any longer: there is no way back to it.
  package mutating func forgetPrevious(
    _ engine: inout Engine, isTrusted: (GatewayModel) -> Bool
  ) -> Action? {
    guard case .probation(let previous, _) = phase, !isTrusted(previous) else { return nil }
    return settle(&engine)
  }

  // MARK: -

  private func isOver(_ count: Int, _ share: Double, _ trial: Trial) -> Bool {
    Double(count) > share * Double(trial.messages)
  }

  private mutating func store(_ candidate: Candidate, _ engine: inout Engine) -> Action {
    engine.trial = nil
    var next = ModelStore.State(live: candidate.model.identity)
    next.version = max(minimumVersion, candidate.version ?? 0)
    next.previous = engine.model?.identity
    done.removeAll { $0 == next.live }
    // Also the one that the state names and that could not be read at the start: its decisions stand in
    // the journal.
    for old in [state?.live, next.previous] {
      if let old, old != next.live { finish(old) }
    }
    next.done = done
    phase = .storing(candidate, before: state)
    state = next
    return .store(candidate, next)
  }

  private mutating func settle(_ engine: inout Engine) -> Action? {
    engine.trial = nil
    phase = .settled
    guard state?.previous != nil else { return nil }
    state?.previous = nil
    return state.map { .save($0) }
  }

  private mutating func goBack(to previous: GatewayModel, _ engine: inout Engine) -> Action? {
    phase = .returning(previous)
    let failed = engine.model?.identity
    var next = ModelStore.State(live: previous.identity)
    next.version = minimumVersion
    done.removeAll { $0 == previous.identity }
    if let failed { finish(failed) }
    next.done = done
    state = next
    return .store(nil, next)
  }

  private mutating func refuse(
    _ candidate: Candidate, _ reason: ModelRefusal, _ engine: inout Engine
  ) -> Action {
    engine.trial = nil
    phase = .settled
    return sendAway(candidate, reason)
  }

  /// Counts a candidate that does not become live; whatever else is on its way goes on.
  private mutating func sendAway(_ candidate: Candidate, _ reason: ModelRefusal) -> Action {
    refusals += 1
    switch reason {
    // Neither is the model's own fault for good: a start tries it again.
    case .signature, .store: break
    default: finish(candidate.model.identity)
    }
    return .refused(name: candidate.model.name, reason)
  }

  private mutating func finish(_ identity: String) {
    if !done.contains(identity) { done.append(identity) }
    if done.count > ModelStore.doneLimit { done.removeFirst() }
    state?.done = done
  }

  /// Keeps a candidate for later, or the one that waits already.
  private mutating func wait(_ candidate: Candidate) -> Action? {
    guard let other = waiting, other.model.identity != candidate.model.identity else {
      waiting = candidate
      return nil
    }
    let (next, gone) = candidate.isNotBelow(other) ? (candidate, other) : (other, candidate)
    waiting = next
    return sendAway(gone, .superseded(by: next.model.name))
  }
}
