// SPDX-License-Identifier: Apache-2.0

/// How well a set of flags a row was found.
///
/// The conventions are those of scikit-learn: a share without a denominator is 0.
struct MultilabelMetrics: Sendable {
  let rows: Int
  /// The rows in which every flag is right.
  let rightRows: Int
  /// One a label; class 1 is true.
  let matrices: [ConfusionMatrix]

  /// - Shape: both are `[rows][labels]` of 0 and 1.
  init(labels: Int, truths: [Int], predictions: [Int], times: Times = .once) {
    precondition(labels > 0 && truths.count % labels == 0 && truths.count == predictions.count)
    matrices = (0..<labels).map { label in
      let places = stride(from: label, to: truths.count, by: labels)
      return ConfusionMatrix(
        classes: 2, truths: places.map { truths[$0] }, predictions: places.map { predictions[$0] },
        times: times)
    }
    rows = matrices[0].rows
    rightRows = (0..<truths.count / labels).reduce(0) { sum, row in
      let places = row * labels..<(row + 1) * labels
      return sum + (places.allSatisfy { truths[$0] == predictions[$0] } ? times[row] : 0)
    }
  }

  /// The share of rows in which every flag is right; nil without rows.
  var subsetAccuracy: Double? { share(rightRows, of: rows) }

  /// The share of flags that are wrong; nil without rows.
  var hammingLoss: Double? {
    let right = matrices.reduce(0) { $0 + $1.hits }
    return share(rows * matrices.count - right, of: rows * matrices.count)
  }

  /// The mean of the labels' F1, 0 for a label that is never true; nil without rows.
  var macroF1: Double? { macro { $0.f1(1) } }
  /// As ``macroF1``.
  var macroPrecision: Double? { macro { $0.precision(1) } }
  /// As ``macroF1``.
  var macroRecall: Double? { macro { $0.recall(1) } }

  /// The F1 of all flags together; nil without rows.
  var microF1: Double? {
    micro(2 * hits, of: sum { $0.support(1) } + sum { $0.predicted(1) })
  }
  /// The precision of all flags together; nil without rows.
  var microPrecision: Double? { micro(hits, of: sum { $0.predicted(1) }) }
  /// The recall of all flags together; nil without rows.
  var microRecall: Double? { micro(hits, of: sum { $0.support(1) }) }

  private var hits: Int { sum { $0[1, 1] } }

  private func sum(_ count: (ConfusionMatrix) -> Int) -> Int {
    matrices.reduce(0) { $0 + count($1) }
  }

  private func macro(_ metric: (ConfusionMatrix) -> Double?) -> Double? {
    rows > 0 ? mean(matrices.map { metric($0) ?? 0 }) : nil
  }

  private func micro(_ part: Int, of whole: Int) -> Double? {
    rows > 0 ? share(part, of: whole) ?? 0 : nil
  }
}
