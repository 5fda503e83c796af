// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQTrain

/// A training that differs from the base in one thing.
struct Variant: Sendable {
  /// What is changed.
  enum Aspect: String, CaseIterable, Sendable {
    case width, depth, activation, optimizer, normalization, rows
  }

  let aspect: Aspect
  /// For example `half: 32,16`.
  let name: String
  let settings: TrainingSettings

  /// The changes of one aspect, without those that change nothing.
  ///
  /// - Parameter isAnomaly: whether the default activation is that of an anomaly task.
  static func all(
    _ aspect: Aspect, of base: TrainingSettings, isAnomaly: Bool
  ) -> [Variant] {
    let candidates: [Variant] =
      switch aspect {
      case .width: widths(base)
      case .depth: depths(base)
      case .activation: activations(base, isAnomaly: isAnomaly)
      case .optimizer: OptimizerKind.allCases.map { optimizer($0, base) }
      case .normalization:
        TrainingSettings.Normalization.allCases.map { kind in
          Variant(.normalization, kind.rawValue, base) { $0.normalization = kind }
        }
      case .rows:
        [(0.125, "an eighth"), (0.25, "a quarter"), (0.5, "half")].map { share, name in
          Variant(.rows, name, base) { $0.rowShare = share }
        }
      }
    return candidates.filter { $0.settings != base }
  }

  private init(
    _ aspect: Aspect, _ name: String, _ base: TrainingSettings,
    change: (inout TrainingSettings) -> Void
  ) {
    var settings = base
    change(&settings)
    self.aspect = aspect
    self.name = name
    self.settings = settings
  }

  private static func widths(_ base: TrainingSettings) -> [Variant] {
    [
      ("half", { (width: Int) in max(1, width / 2) }),
      ("double", { (width: Int) in min(65_535, width * 2) }),
    ].map { name, change in
      let hidden = base.hidden.map(change)
      return Variant(.width, "\(name): \(words(hidden))", base) { $0.hidden = hidden }
    }
  }

  private static func depths(_ base: TrainingSettings) -> [Variant] {
    var variants: [Variant] = []
    if let last = base.hidden.last {
      let fewer = Array(base.hidden.dropLast())
      let more = base.hidden + [last]
      variants.append(Variant(.depth, "less: \(words(fewer))", base) { $0.hidden = fewer })
      if more.count <= TrainingSettings.mostHiddenLayers {
        variants.append(Variant(.depth, "more: \(words(more))", base) { $0.hidden = more })
      }
    }
    return variants
  }

  private static func words(_ hidden: [Int]) -> String {
    hidden.isEmpty ? "no hidden layer" : hidden.map { "\($0)" }.joined(separator: ",")
  }

  private static func activations(_ base: TrainingSettings, isAnomaly: Bool) -> [Variant] {
    guard !base.hidden.isEmpty else { return [] }
    let standing: Activation? =
      base.isGated ? nil : base.activation ?? (isAnomaly ? .tanh : .relu)
    let kinds: [Activation.Kind] = [.relu, .leakyRelu, .tanh, .gelu, .silu]
    var variants = kinds.filter { $0 != standing?.kind }.map { kind in
      Variant(.activation, kind.name, base) {
        $0.activation = Activation(kind)
        $0.isGated = false
      }
    }
    if !base.isGated {
      variants.append(Variant(.activation, "swiglu", base) { $0.isGated = true })
    }
    return variants
  }

  /// What belongs to the base's optimizer alone does not go along.
  private static func optimizer(_ kind: OptimizerKind, _ base: TrainingSettings) -> Variant {
    guard kind != base.optimizer else { return Variant(.optimizer, kind.rawValue, base) { _ in } }
    return Variant(
      .optimizer, kind == .sgd ? "sgd, momentum 0.9" : kind.rawValue, base
    ) {
      $0.optimizer = kind
      $0.momentum = kind == .sgd ? 0.9 : 0
      if kind != .adamW { $0.weightDecay = nil }
    }
  }
}
