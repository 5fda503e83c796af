// SPDX-License-Identifier: Apache-2.0

/// How often each class was taken for each.
///
/// The conventions are those of scikit-learn: a share without a denominator counts as 0 in a mean, and
/// a class that occurs neither among the truths nor among the predictions takes no part in one.
struct ConfusionMatrix: Equatable, Sendable {
  let classes: Int
  /// `[truth][prediction]`
  let counts: [Int]

  /// - Shape: `truths` and `predictions` have one class index a row, each in `0 ..< classes`.
  init(classes: Int, truths: [Int], predictions: [Int], times: Times = .once) {
    precondition(truths.count == predictions.count, "a prediction for each truth")
    self.classes = classes
    var counts = [Int](repeating: 0, count: classes * classes)
    for row in truths.indices {
      precondition(0..<classes ~= truths[row] && 0..<classes ~= predictions[row])
      counts[truths[row] * classes + predictions[row]] += times[row]
    }
    self.counts = counts
  }

  /// Class 1 is true.
  init(truths: [Bool], predictions: [Bool]) {
    self.init(
      classes: 2, truths: truths.map { $0 ? 1 : 0 }, predictions: predictions.map { $0 ? 1 : 0 })
  }

  subscript(truth: Int, prediction: Int) -> Int { counts[truth * classes + prediction] }

  var rows: Int { counts.reduce(0, +) }

  /// The rows of a class.
  func support(_ label: Int) -> Int {
    (0..<classes).reduce(0) { $0 + self[label, $1] }
  }

  /// The rows that were taken for a class.
  func predicted(_ label: Int) -> Int {
    (0..<classes).reduce(0) { $0 + self[$1, label] }
  }

  // MARK: - One class

  /// Right ones among the rows taken for the class; nil when there are none.
  func precision(_ label: Int) -> Double? { share(self[label, label], of: predicted(label)) }

  /// Rows of the class that were found; nil when there are none.
  func recall(_ label: Int) -> Double? { share(self[label, label], of: support(label)) }

  /// The harmonic mean of precision and recall, `2 hits / (support + predicted)`; nil when the class
  /// occurs nowhere.
  func f1(_ label: Int) -> Double? {
    share(2 * self[label, label], of: support(label) + predicted(label))
  }

  // MARK: - All classes

  /// The share of rows whose class was found; nil without rows.
  var accuracy: Double? { share(hits, of: rows) }

  /// The mean recall of the classes that occur; nil without rows.
  var balancedAccuracy: Double? { mean((0..<classes).compactMap { recall($0) }) }

  /// The mean of the classes' F1; nil without rows.
  var macroF1: Double? { mean((0..<classes).compactMap { f1($0) }) }

  /// The mean of the classes' precision, 0 for a class that no row was taken for; nil without rows.
  var macroPrecision: Double? { macro(predicted) }

  /// The mean of the classes' recall, 0 for a class that is only predicted; nil without rows.
  var macroRecall: Double? { macro(support) }

  /// The mean over the classes that occur of the hits among `count`, 0 where that is 0.
  private func macro(_ count: (Int) -> Int) -> Double? {
    mean(
      (0..<classes).compactMap { label in
        guard support(label) + predicted(label) > 0 else { return nil }
        return share(self[label, label], of: count(label)) ?? 0
      })
  }

  /// The rows whose class was found.
  var hits: Int { (0..<classes).reduce(0) { $0 + self[$1, $1] } }
}

/// `part / whole`; nil when the whole is 0.
func share(_ part: Int, of whole: Int) -> Double? {
  whole == 0 ? nil : Double(part) / Double(whole)
}

/// The mean; nil without values.
func mean(_ values: [Double]) -> Double? {
  values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
}
