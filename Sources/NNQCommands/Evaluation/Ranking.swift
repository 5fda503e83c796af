// SPDX-License-Identifier: Apache-2.0

/// How well scores put true rows above false ones.
struct Ranking: Sendable {
  /// The rows that share one score.
  private struct Tie {
    var positives = 0
    var negatives = 0
  }

  /// Rows from the highest score down; it is the same however often each counts.
  struct Order: Sendable {
    let rows: [Int32]
    /// In the order of ``rows``.
    let truths: [Bool]
    /// Whether the score is another than that of the place before.
    let startsTie: [Bool]

    /// Nil when a score is not a number.
    init?(scores: [Double], truths: [Bool]) {
      precondition(scores.count == truths.count, "a score for each truth")
      guard !scores.contains(where: \.isNaN) else { return nil }
      let order = scores.indices.sorted { scores[$0] > scores[$1] }
      rows = order.map(Int32.init)
      self.truths = order.map { truths[$0] }
      startsTie = order.indices.map { $0 == 0 || scores[order[$0]] != scores[order[$0 - 1]] }
    }
  }

  /// From the highest score down.
  private let ties: [Tie]
  private let positives: Int
  private let negatives: Int

  /// Nil when a score is not a number, because then there is no order.
  ///
  /// - Shape: one score and one truth a row.
  init?(scores: [Double], truths: [Bool]) {
    guard let order = Order(scores: scores, truths: truths) else { return nil }
    self.init(order)
  }

  /// The ranking of rows whose order is known.
  init(_ order: Order, times: Times = .once) {
    var ties: [Tie] = []
    var positives = 0
    var negatives = 0
    for place in order.rows.indices {
      if order.startsTie[place] { ties.append(Tie()) }
      let count = times[Int(order.rows[place])]
      if order.truths[place] {
        ties[ties.count - 1].positives += count
        positives += count
      } else {
        ties[ties.count - 1].negatives += count
        negatives += count
      }
    }
    self.ties = ties
    self.positives = positives
    self.negatives = negatives
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
    for tie in ties where tie.positives + tie.negatives > 0 {
      hits += tie.positives
      taken += tie.positives + tie.negatives
      sum += Double(tie.positives) * (Double(hits) / Double(taken))
    }
    return sum / Double(positives)
  }

  /// One threshold: the rows whose score reaches it are taken.
  struct Point: Equatable, Sendable {
    /// The share of the true rows that are taken.
    let recall: Double
    /// The share of the false rows that are taken.
    let falseAlarms: Double
    /// The share of the taken rows that are true.
    let precision: Double
  }

  /// The thresholds from the highest score down, the last of which takes all rows; those are left out
  /// whose shares differ from the one before by less than `step`. Empty when all truths are alike.
  func curve(step: Double = 0.01) -> [Point] {
    guard positives > 0, negatives > 0 else { return [] }
    var points: [Point] = []
    var (hits, alarms) = (0, 0)
    for (index, tie) in ties.enumerated() where tie.positives + tie.negatives > 0 {
      hits += tie.positives
      alarms += tie.negatives
      let point = Point(
        recall: Double(hits) / Double(positives), falseAlarms: Double(alarms) / Double(negatives),
        precision: Double(hits) / Double(hits + alarms))
      if let last = points.last, index < ties.count - 1, point.recall - last.recall < step,
        point.falseAlarms - last.falseAlarms < step, abs(point.precision - last.precision) < step
      {
        continue
      }
      points.append(point)
    }
    return points
  }
}
