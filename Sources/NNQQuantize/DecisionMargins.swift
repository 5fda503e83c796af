// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQMath
import NNQReference

/// How far each decision of a float model is from turning, and what quantization does to that distance.
///
/// - Shape: `[decisions of a row][rows]`: one a row, or one a label for multilabel; none for regression.
struct DecisionMargins: Sendable {
  /// Not below 0; in logits, or in score units for anomaly.
  var exact: [[Double]]
  /// What is added to the margin; a decision turns where it is below minus the margin.
  var errors: [[Double]]

  /// - Parameters:
  ///   - rows: what the candidate hands on for the rows of the pass.
  ///   - threshold: of integer scores, where it was fitted again; nil rescales the float one.
  init(
    _ model: FloatModel, _ pass: CalibrationPass, _ candidate: Candidate, _ rows: Rows<Int16>,
    threshold fitted: Int64? = nil
  ) {
    let outputs = pass.outputs.last ?? pass.inputs
    let codes = candidate.tensors.last ?? AffineCodes(scale: 1, zeroPoint: 0, width: .sixteen)
    let pairs =
      model.task.kind == .regression || model.task.kind == .anomaly
      ? []
      : zip(outputs, rows).map { exact, row in
        (exact: exact.map(Double.init), made: row.map { codes.real(Int($0)) })
      }
    switch model.task.kind {
    case .regression:
      (exact, errors) = ([], [])
    case .binary, .multilabel:
      let logits = model.task.thresholds.map { PortableMath.log($0) - PortableMath.log(1 - $0) }
      exact = logits.indices.map { label in
        pairs.map { abs($0.exact[label] - logits[label]) }
      }
      errors = logits.indices.map { label in
        pairs.map { pair in
          let error = pair.made[label] - pair.exact[label]
          return pair.exact[label] >= logits[label] ? error : -error
        }
      }
    case .multiclass:
      let ends = pairs.map { Self.firstTwo($0.exact) }
      exact = [zip(pairs, ends).map { $0.exact[$1.0] - $0.exact[$1.1] }]
      errors = [
        zip(pairs, ends).map { pair, ends in
          (pair.made[ends.0] - pair.made[ends.1]) - (pair.exact[ends.0] - pair.exact[ends.1])
        }
      ]
    case .anomaly:
      let inference = Int8Inference(candidate.image)
      let inputCodes = candidate.input.codes(pass.readings, candidate.recipe.inputWidth)
      // A float score is a mean of squares in standardized units, an integer one a sum in codes.
      let unit = codes.scale * codes.scale / Double(max(model.outputs, 1))
      let threshold = model.task.thresholds[0]
      let shift = fitted.map { threshold - Double($0) * unit } ?? 0
      let scores = zip(pass.inputs, outputs).map { anomalyScore(input: $0, output: $1) }
      exact = [scores.map { abs($0 - threshold) }]
      errors = [
        scores.indices.map { row in
          let score = inference.score(input: inputCodes[row], output: rows[row])
          let error = Double(score) * unit + shift - scores[row]
          return scores[row] <= threshold ? -error : error
        }
      ]
    }
  }

  /// The same decisions on more rows.
  mutating func append(_ other: DecisionMargins) {
    for index in exact.indices {
      exact[index] += other.exact[index]
      errors[index] += other.errors[index]
    }
  }

  var decisions: Int { exact.reduce(0) { $0 + $1.count } }

  /// How many decisions turn on these very rows.
  var flipped: Int {
    zip(exact, errors).reduce(0) { sum, pair in
      sum + zip(pair.0, pair.1).count { $1 < -$0 }
    }
  }

  /// The share of decisions to be expected to turn on other rows: each error is put to each margin,
  /// with either sign, so that a few hundred rows tell thousandths apart.
  ///
  /// Nil without decisions.
  var expectedFlips: Double? {
    guard decisions > 0 else { return nil }
    var total = 0.0
    for (margins, errors) in zip(exact, errors) {
      let sizes = errors.map(abs).sorted()
      for margin in margins {
        var low = 0
        var high = sizes.count
        while low < high {
          let middle = (low + high) / 2
          if sizes[middle] > margin { high = middle } else { low = middle + 1 }
        }
        total += Double(sizes.count - low) / Double(max(sizes.count, 1)) / 2
      }
    }
    return total / Double(decisions)
  }

  /// Ten bins of equal width up to the largest margin.
  var histogram: [QuantizationReport.MarginBin] {
    let pairs = zip(exact, errors).flatMap { zip($0, $1).map { (margin: $0, error: $1) } }
    guard let largest = pairs.map(\.margin).max(), largest > 0, largest.isFinite else { return [] }
    var bins = (1...10).map {
      QuantizationReport.MarginBin(upTo: largest * Double($0) / 10, count: 0, flipped: 0)
    }
    for pair in pairs {
      let bin = min(Int(pair.margin / largest * 10), 9)
      bins[bin].count += 1
      if pair.error < -pair.margin { bins[bin].flipped += 1 }
    }
    return bins
  }

  private static func firstTwo(_ values: [Double]) -> (Int, Int) {
    var first = 0
    for index in values.indices where values[index] > values[first] { first = index }
    var second = first == 0 ? min(1, values.count - 1) : 0
    for index in values.indices where index != first && values[index] > values[second] {
      second = index
    }
    return (first, second)
  }
}
