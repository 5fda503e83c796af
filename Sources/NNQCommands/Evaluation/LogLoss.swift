// SPDX-License-Identifier: Apache-2.0
import Glibc

/// The mean of `-log` of the probability given to the truth, in nats; nil without rows or when a
/// probability is not a number.
///
/// - Range: a probability below 2^-52 counts as 2^-52, as in scikit-learn: one confident mistake
///   costs 36 nats, not infinity.
/// - Shape: one probability a row, the one given to what turned out to be true.
func logLoss(ofTruths probabilities: [Double]) -> Double? {
  guard !probabilities.contains(where: \.isNaN) else { return nil }
  let least = Double.ulpOfOne
  return mean(probabilities.map { -log(min(max($0, least), 1 - least)) })
}
