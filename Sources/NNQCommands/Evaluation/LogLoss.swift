// SPDX-License-Identifier: Apache-2.0
import Glibc

/// `-log` of the probability given to the truth, in nats; not a number where that is none.
///
/// - Range: a probability below 2^-52 counts as 2^-52, as in scikit-learn: one confident mistake
///   costs 36 nats, not infinity.
func logLoss(ofTruth probability: Double) -> Double {
  guard !probability.isNaN else { return .nan }
  let least = Double.ulpOfOne
  return -log(min(max(probability, least), 1 - least))
}
