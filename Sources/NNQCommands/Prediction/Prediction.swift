// SPDX-License-Identifier: Apache-2.0

/// What a model says for one row, float or int8.
struct Prediction: Equatable, Sendable {
  /// Binary, multiclass, anomaly: the index of the label.
  var label: Int?
  /// Multilabel: one a target.
  var flags: [Bool] = []
  /// Binary, multiclass, multilabel: what ranks the rows, one an output: a logit or its code.
  var scores: [Double] = []
  /// Binary (of the positive class), multiclass, multilabel.
  var probabilities: [Double] = []
  /// Regression: in the targets' units.
  var values: [Double] = []
  /// Anomaly: mean squared difference (float) or sum of squared code differences (int8).
  var anomalyScore: Double?
  /// Int8: how far the decision is from turning, in codes or score units.
  var margins: [Int64] = []
  /// What the network gives, in real units: logits, values, or the reconstruction.
  var outputs: [Double] = []
  /// Int8: the output codes.
  var codes: [Int16] = []
}

extension Prediction {
  /// The same, where all of its numbers are finite.
  ///
  /// - Parameter row: its number in the file, counted from 1.
  /// - Throws: ``Failure`` that names the row: a decision out of infinite sums or NaN means nothing.
  func checked(row: Int, of path: String) throws(Failure) -> Prediction {
    let numbers = [outputs, scores, probabilities, values, anomalyScore.map { [$0] } ?? []]
    guard numbers.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
      throw Failure(
        .badInput, "\(named(path)): row \(row): what the model computes is not a finite number",
        hint: "its readings are far beyond those of the training rows")
    }
    return self
  }
}
