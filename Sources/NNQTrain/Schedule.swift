// SPDX-License-Identifier: Apache-2.0
internal import NNQMath

/// How the learning rate moves during training.
public enum Schedule: String, CaseIterable, Sendable {
  /// The base rate throughout.
  case constant
  /// A tenth of the rate after each third of the steps.
  case step
  /// Half a cosine from the base rate down to 0.
  case cosine
  /// A straight rise from 0 over the first twentieth, then half a cosine down to 0.
  case warmupCosine = "warmup-cosine"

  /// The share of the steps in which ``warmupCosine`` rises.
  static let warmupShare = 0.05

  /// The learning rate of a step as a share of the base rate, in 0 ... 1.
  ///
  /// - Parameters:
  ///   - step: 0 ..< steps.
  ///   - steps: the steps of the whole training.
  package func factor(step: Int, steps: Int) -> Double {
    let progress = Double(step) / Double(max(steps, 1))
    switch self {
    case .constant: return 1
    case .step: return progress < 1.0 / 3 ? 1 : progress < 2.0 / 3 ? 0.1 : 0.01
    case .cosine: return Self.fall(progress)
    case .warmupCosine:
      let rise = Double(step + 1) / (Self.warmupShare * Double(steps))
      if rise < 1 { return rise }
      let fall = (progress - Self.warmupShare) / (1 - Self.warmupShare)
      return Self.fall(max(fall, 0))
    }
  }

  /// Half a cosine from 1 at 0 to 0 at 1.
  private static func fall(_ progress: Double) -> Double {
    0.5 * (1 + PortableMath.circle(turns: progress / 2).cosine)
  }
}
