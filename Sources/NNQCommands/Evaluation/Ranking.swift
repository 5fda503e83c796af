// SPDX-License-Identifier: Apache-2.0

/// How well scores put true rows above false ones.
struct Ranking: Sendable {
  /// The rows that share one score.
  private struct Tie {
    var positives = 0
    var negatives = 0
  }

  /// From the highest score down.
  private let ties: [Tie]
  private let positives: Int
  private let negatives: Int

  /// Nil when a score is not a number, because then there is no order.
  ///
  /// - Shape: one score and one truth a row.
  init?(scores: [Double], truths: [Bool]) {
    precondition(scores.count == truths.count, "a score for each truth")
    guard !scores.contains(where: \.isNaN) else { return nil }
    let order = scores.indices.sorted { scores[$0] > scores[$1] }
    var ties: [Tie] = []
    var last: Double?
    for row in order {
      if scores[row] != last { ties.append(Tie()) }
      last = scores[row]
      if truths[row] {
        ties[ties.count - 1].positives += 1
      } else {
        ties[ties.count - 1].negatives += 1
      }
    }
    self.ties = ties
    positives = ties.reduce(0) { $0 + $1.positives }
    negatives = ties.reduce(0) { $0 + $1.negatives }
  }

  /// The area under the ROC curve: the chance that a true row's score is above a false row's, equal
  /// scores counted half; nil when all truths are alike.
  ///
  /// - Error: the pairs in order are counted exactly, in integers.
  var rocAUC: Double? {
    guard positives > 0, negatives > 0 else { return nil }
    var below = negatives
    var twicePairs = 0
    for tie in ties {
      below -= tie.negatives
      twicePairs += tie.positives * (2 * below + tie.negatives)
    }
    return Double(twicePairs) / (2 * Double(positives) * Double(negatives))
  }

  /// The average precision: the sum over the distinct scores, from the highest down, of the precision
  /// there times the gain in recall; nil when no row is true.
  ///
  /// - Source: the step-wise sum of scikit-learn's `average_precision_score`, no interpolation.
  var averagePrecision: Double? {
    guard positives > 0 else { return nil }
    var hits = 0
    var taken = 0
    var sum = 0.0
    for tie in ties {
      hits += tie.positives
      taken += tie.positives + tie.negatives
      sum += Double(tie.positives) * (Double(hits) / Double(taken))
    }
    return sum / Double(positives)
  }
}
