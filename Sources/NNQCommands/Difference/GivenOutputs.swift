// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQFormat
import NNQReference

/// What another runtime answered for the rows of a comparison, from a NumPy file: the codes of an
/// int8 model or real values.
struct GivenOutputs {
  private let path: String
  /// `[rows][outputs]`; nil for real values.
  private let codes: [Int16]?
  /// `[rows][outputs]`; empty for codes.
  private let values: [Float]
  private let outputs: Int

  /// - Parameters:
  ///   - model: the side that the answers are compared with.
  ///   - rows: how many rows were run.
  /// - Throws: ``Failure`` when the array has another shape or type than the model's answers.
  init(_ path: String, _ model: any Predictor, rows: Int) throws(Failure) {
    self.path = path
    let array = try naming(path) { try NumPyArray(reading: path) }
    let int8 = model as? Int8Predictor
    if let (codes, width) = array.codes {
      guard let int8 else {
        throw Failure(
          .badInput, "\(named(path)): codes where a float model answers in real numbers")
      }
      guard width == int8.image.outputWidth else {
        throw Failure(
          .badInput,
          "\(named(path)): \(width.rawValue)-bit codes where the model answers in "
            + "\(int8.image.outputWidth.rawValue)-bit codes")
      }
      self.codes = codes
      values = []
    } else {
      switch array.elements {
      case .float32, .float64: break
      default:
        throw Failure(.badInput, "\(named(path)): its integers are no codes of 8 or 16 bits")
      }
      codes = nil
      values = array.readings
    }
    let isOneRow = array.shape.count == 1 && rows == 1
    outputs = isOneRow ? array.rows : array.columns
    guard isOneRow || array.rows == rows else {
      throw Failure(
        .badInput, "\(named(path)): \(array.rows) rows of outputs where \(rows) rows were run")
    }
    let expected = model.outputCount
    let isPair = codes == nil && model.task.kind == .binary && outputs == 2
    guard outputs == expected || isPair else {
      throw Failure(
        .badInput, "\(named(path)): \(outputs) outputs a row where the model has \(expected)")
    }
    guard codes != nil || !isPair || areProbabilities(model.task.kind) else {
      throw Failure(
        .badInput, "\(named(path)): 2 outputs a row that are no probabilities of two classes")
    }
  }

  /// The answers as predictions, and the model's own in the same terms: where a classifier's answers
  /// are probabilities, those are compared, else what comes before its softmax or sigmoid.
  func sides(
    _ model: any Predictor, _ rows: ComparedRows
  ) -> (ComparisonSide, ComparisonSide) {
    var own = ComparisonSide(model, rows)
    if let codes, let int8 = model as? Int8Predictor {
      let given = (0..<rows.rows).map { row in
        int8.prediction(
          Array(codes[row * outputs..<(row + 1) * outputs]), of: rows.codes(int8, row))
      }
      return (own, ComparisonSide(given))
    }
    let areProbabilities = areProbabilities(model.task.kind)
    if areProbabilities {
      for row in own.predictions.indices {
        own.predictions[row].outputs = own.predictions[row].probabilities
      }
    }
    let given = (0..<rows.rows).map { row in
      let answers = values[row * outputs..<(row + 1) * outputs]
      return areProbabilities
        ? model.task.prediction(probabilities: probabilities(answers, model.outputCount))
        : model.task.prediction(Array(answers), of: rows.standardized(model.features, row))
    }
    return (own, ComparisonSide(given))
  }

  /// The codes of a row; nil for real values.
  func codes(_ row: Int) -> ArraySlice<Int16>? { codes?[row * outputs..<(row + 1) * outputs] }

  /// The probabilities of a row, of a pair the second; a row that is not finite stays so.
  private func probabilities(_ answers: ArraySlice<Float>, _ count: Int) -> [Double] {
    let kept = answers.suffix(count).map(Double.init)
    let dropped = answers.dropLast(count)
    return dropped.allSatisfy(\.isFinite) ? kept : kept.map { _ in .nan }
  }

  /// Whether all values are shares of 1, and those of classes add up to it in every row; rows that
  /// are not finite do not count.
  ///
  /// - Error: a sum of n binary32 values is within n * 2^-24 of 1, far less than 1/1000. An int8
  ///   softmax answers in steps of 1/256, each of which is off by one step at most (at 1).
  private func areProbabilities(_ kind: ModelTask.Kind) -> Bool {
    guard [.binary, .multiclass, .multilabel].contains(kind) else { return false }
    let isDistribution = kind == .multiclass || kind == .binary && outputs == 2
    let tolerance = Double(outputs) / 256 + 1e-3
    return stride(from: 0, to: values.count, by: outputs).allSatisfy { start in
      let row = values[start..<start + outputs]
      guard row.allSatisfy(\.isFinite) else { return true }
      guard row.allSatisfy({ $0 >= 0 && $0 <= 1 }) else { return false }
      return !isDistribution || abs(row.reduce(0) { $0 + Double($1) } - 1) <= tolerance
    }
  }
}

extension Predictor {
  /// How many values the network gives for a row.
  var outputCount: Int {
    if let int8 = self as? Int8Predictor { return int8.image.outputs.count }
    switch task.kind {
    case .binary: return 1
    case .multiclass: return task.labels.count
    case .multilabel, .regression: return task.targets.count
    case .anomaly: return features.count
    }
  }
}

extension ModelTask {
  /// The decision that probabilities lead to, without logits.
  fileprivate func prediction(probabilities: [Double]) -> Prediction {
    var prediction = Prediction(probabilities: probabilities, outputs: probabilities)
    switch kind {
    case .binary: prediction.label = probabilities[0] >= thresholds[0] ? 1 : 0
    case .multilabel: prediction.flags = zip(probabilities, thresholds).map { $0 >= $1 }
    case .multiclass, .regression, .anomaly:
      var best = 0
      for index in probabilities.indices where probabilities[index] > probabilities[best] {
        best = index
      }
      prediction.label = best
    }
    return prediction
  }

  /// The decision that real outputs lead to; values of regression are in the targets' units already.
  fileprivate func prediction(_ outputs: [Float], of input: [Float]) -> Prediction {
    let reals = outputs.map(Double.init)
    guard kind != .regression else { return Prediction(values: reals, outputs: reals) }
    let decided = prediction(input: input, output: outputs)
    return Prediction(
      label: decided.label, flags: decided.flags, probabilities: decided.probabilities,
      anomalyScore: decided.score, outputs: reals)
  }
}
