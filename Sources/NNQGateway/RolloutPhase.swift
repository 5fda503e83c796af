// SPDX-License-Identifier: Apache-2.0
import NNQSigning

extension Rollout {
  package enum Phase {
    case settled
    /// A candidate decides the live messages too, until then at the latest.
    case trial(Candidate, until: Int64)
    /// The state file is being written.
    case storing(Candidate, before: ModelStore.State?)
    /// The model before still runs beside the live one.
    case probation(previous: GatewayModel, until: Int64)
    /// The state file is being written for the way back.
    case returning(GatewayModel)

    package var name: String {
      switch self {
      case .settled: "settled"
      case .trial: "trial"
      case .storing: "storing"
      case .probation: "probation"
      case .returning: "returning"
      }
    }
  }

  /// What the owner of the rollout does next.
  package enum Action {
    /// Keep the candidate's file, where there is one, and write the state; then ``stored(_:_:)``.
    case store(Candidate?, ModelStore.State)
    /// Write the state; nothing waits for it.
    case save(ModelStore.State)
    case refused(name: String, ModelRefusal)
  }

  package struct Limits: Equatable, Sendable {
    package var trialMessages = 100
    package var trialMilliseconds: Int64 = 60_000
    package var probationMessages = 1000
    package var probationMilliseconds: Int64 = 600_000
    package var maxFlips = 0.5
    package var maxSaturated = 0.5

    package init() {}
  }
}

extension Configuration {
  var rolloutLimits: Rollout.Limits {
    var limits = Rollout.Limits()
    limits.trialMessages = trialMessages
    limits.trialMilliseconds = 1000 * Int64(trialSeconds)
    limits.probationMessages = probationMessages
    limits.probationMilliseconds = 1000 * Int64(probationSeconds)
    limits.maxFlips = maxFlips
    limits.maxSaturated = maxSaturated
    return limits
  }
}

extension Candidate {
  /// Whether it may take the place of another that is not live yet.
  func isNotBelow(_ other: Candidate) -> Bool {
    (version ?? 0) >= (other.version ?? 0)
  }
}
