// SPDX-License-Identifier: Apache-2.0

/// How well a set of flags a row was found.
///
/// The conventions are those of scikit-learn: a share without a denominator is 0.
struct MultilabelMetrics: Sendable {
  let labels: Int
  /// `[rows][labels]`
  private let truths: [Bool]
  private let predictions: [Bool]

  /// - Shape: both are `[rows][labels]`.
  init(labels: Int, truths: [Bool], predictions: [Bool]) {
    precondition(labels > 0 && truths.count % labels == 0 && truths.count == predictions.count)
    self.labels = labels
    self.truths = truths
    self.predictions = predictions
  }

  var rows: Int { truths.count / labels }

  /// The share of rows in which every flag is right; nil without rows.
  var subsetAccuracy: Double? {
    let right = (0..<rows).count { row in
      (row * labels..<(row + 1) * labels).allSatisfy { truths[$0] == predictions[$0] }
    }
    return share(right, of: rows)
  }

  /// The share of flags that are wrong; nil without rows.
  var hammingLoss: Double? {
    share(truths.indices.count { truths[$0] != predictions[$0] }, of: truths.count)
  }

  /// The mean of the labels' F1, 0 for a label that is never true; nil without rows.
  var macroF1: Double? {
    guard rows > 0 else { return nil }
    return mean(
      (0..<labels).map { label in
        let places = stride(from: label, to: truths.count, by: labels)
        return f1(places) ?? 0
      })
  }

  /// The F1 of all flags together; nil without rows.
  var microF1: Double? { rows > 0 ? f1(truths.indices) ?? 0 : nil }

  private func f1(_ places: some Sequence<Int>) -> Double? {
    var hits = 0
    var flags = 0
    for place in places {
      if truths[place] && predictions[place] { hits += 1 }
      if truths[place] { flags += 1 }
      if predictions[place] { flags += 1 }
    }
    return share(2 * hits, of: flags)
  }
}
