// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQFormat
import NNQQuantize

extension ModelInput {
  /// The task with its thresholds; nil for a flat image, which knows none in real units.
  var task: ModelTask? {
    switch model {
    case .float(let model): model.task
    case .int8(let model): model.task
    case .image: nil
    }
  }

  /// The model with thresholds that part rows like these at the least cost, and how it came by them
  /// in its provenance.
  ///
  /// A threshold lies in the middle between the two scores that it parts. A float model decides by
  /// probabilities (an anomaly by its score), an int8 model by codes; its threshold in real units is
  /// the one that quantizing gives the same code for. Nothing else of the model changes.
  ///
  /// - Throws: ``Failure`` when a score is not a number, or the model cannot be written.
  func choosingThresholds(
    _ cost: Cost, for outcomes: Outcomes, of rows: ModelRows
  ) throws(Failure) -> ModelInput {
    var changed = self.model
    for index in 0..<outcomes.columns {
      let scores = decidingScores(outcomes, index)
      guard !scores.contains(where: \.isNaN) else {
        throw Failure(.badInput, "\(named(path)): a score that is not a number has no threshold")
      }
      let truths = (0..<outcomes.rows).map { outcomes.isTrue($0, column: index) }
      let standing = (0..<outcomes.rows).count {
        outcomes.decisions[$0 * outcomes.width + index] == 1
      }
      let cut = CheapestCut(cost, scores: scores, truths: truths, standing: standing)
      switch changed {
      case .float(var model):
        model.part(at: cut, index)
        changed = .float(model)
      case .int8(var model):
        model.part(at: cut, index)
        changed = .int8(model)
      case .image: break
      }
    }
    return try replacing(changed, recording: "cost-threshold", cost.text, rows)
  }

  private func decidingScores(_ outcomes: Outcomes, _ column: Int) -> [Double] {
    var all = outcomes.scores
    if case .float = model, outcomes.kind != .anomaly { all = outcomes.probabilities }
    return stride(from: column, to: all.count, by: outcomes.columns).map { all[$0] }
  }

  /// This file with another model, which says what was done and on which rows.
  ///
  /// - Parameter key: of the provenance; an int8 model's begins with `int8-`, for it inherits what
  ///   was done to its float model.
  func replacing(
    _ changed: Model, recording key: String, _ words: String, _ rows: ModelRows
  ) throws(Failure) -> ModelInput {
    var changed = changed
    let used = CalibrationRows(rows: rows.rows, readings: rows.readings).readingsIdentity
    switch changed {
    case .float(var model):
      model.provenance[key] = "\(words) rows=\(rows.rows)"
      model.provenance["\(key)-rows-sha256"] = used
      changed = .float(model)
    case .int8(var model):
      model.certificate = nil
      model.provenance["int8-\(key)"] = "\(words) rows=\(rows.rows)"
      model.provenance["int8-\(key)-rows-sha256"] = used
      changed = .int8(model)
    case .image: break
    }
    let bytes = try naming(path) { try changed.serialized() }
    return ModelInput(path: path, bytes: bytes, model: changed)
  }
}

extension FloatModel {
  fileprivate mutating func part(at cut: CheapestCut, _ index: Int) {
    guard task.kind == .anomaly else {
      task.thresholds[index] = probability(between: cut.below, and: cut.above)
      return
    }
    // A score above the threshold is an anomaly, one at it is not.
    switch (cut.below, cut.above) {
    case (nil, _): task.thresholds[index] = 0
    case (let below?, nil): task.thresholds[index] = below
    case (let below?, let above?):
      let middle = below + (above - below) / 2
      task.thresholds[index] = middle < above ? middle : below
    }
  }
}

/// What lies between two probabilities on the scale of logits, above the first and not above the
/// second; 0 without a first one.
private func probability(between below: Double?, and above: Double?) -> Double {
  guard let below else { return 0 }
  guard let above else { return below + (1 - below) / 2 }
  let middle = logistic((logit(below) + logit(above)) / 2)
  return below < middle && middle <= above ? middle : above
}

extension Int8Model {
  fileprivate mutating func part(at cut: CheapestCut, _ index: Int) {
    let step = tensors.last?.scale ?? 1
    guard task.kind == .anomaly else {
      let output = image.outputs[index]
      let code: Int32
      switch (cut.below, cut.above) {
      case (nil, _): code = -Self.mostCodes
      case (_, nil): code = Self.mostCodes
      case (let below?, let above?):
        let distance = Int32(above) - Int32(below)
        code = Int32(below) + (distance + 1) / 2
      }
      image.outputs[index].threshold = code
      // Half a code lower, so that rounding up gives the code again.
      task.thresholds[index] =
        code.magnitude == Self.mostCodes.magnitude
        ? (code < 0 ? 0 : 1) : logistic(step * (Double(code) - 0.5 - Double(output.origin)))
      return
    }
    switch (cut.below, cut.above) {
    case (nil, _): image.scoreThreshold = 0
    case (let below?, nil): image.scoreThreshold = Int64(below)
    case (let below?, let above?): image.scoreThreshold = (Int64(below) + Int64(above)) >> 1
    }
    task.thresholds[index] =
      Double(image.scoreThreshold) * (step * step) / Double(image.outputs.count)
  }

  /// What quantizing writes for a threshold of probability 1; minus it for 0.
  private static let mostCodes: Int32 = 1 << 30
}

/// `log(p / (1 - p))`
func logit(_ probability: Double) -> Double { log(probability) - log1p(-probability) }

/// `1 / (1 + exp(-x))`
func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
