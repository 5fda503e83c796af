// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQFormat
import NNQQuantize

/// The number that logits are divided by so that probabilities say how often they are right.
///
/// - Source: C. Guo et al., "On Calibration of Modern Neural Networks" (2017), section 4.2.
struct Temperature: Equatable, Sendable {
  /// Above 0, a multiple of 1/10000; 1 changes nothing.
  let value: Double
  /// The rows ask for a temperature beyond ``range``, for example because no decision is wrong.
  let isAtEnd: Bool

  static let range = 0.05...20.0

  /// The temperature of the least log loss. The loss is convex in its inverse, so its slope is
  /// bisected.
  ///
  /// - Parameters:
  ///   - logits: `[rows][columns]`
  ///   - truths: the class of each row, or 0 and 1 for each logit when there is one or each is a flag.
  ///   - areClasses: whether the logits of a row are those of classes that exclude each other.
  init(logits: [Double], truths: [Int], areClasses: Bool) {
    let columns = areClasses && !truths.isEmpty ? logits.count / truths.count : 1
    func slope(_ inverse: Double) -> Double {
      truths.indices.reduce(0.0) { sum, row in
        guard areClasses else {
          let own = logits[row]
          return sum + (logistic(inverse * own) - Double(truths[row])) * own
        }
        let own = logits[row * columns..<(row + 1) * columns]
        let highest = own.max() ?? 0
        let powers = own.map { exp(inverse * ($0 - highest)) }
        let mean = zip(own, powers).reduce(0.0) { $0 + $1.0 * $1.1 } / powers.reduce(0, +)
        return sum + mean - own[own.startIndex + truths[row]]
      }
    }
    var low = 1 / Self.range.upperBound
    var high = 1 / Self.range.lowerBound
    isAtEnd = !(slope(low) < 0 && slope(high) > 0)
    if isAtEnd {
      // Without a slope, for all logits are 0, nothing can be said.
      let end = slope(low)
      value = end == 0 || end.isNaN ? 1 : end > 0 ? Self.range.upperBound : Self.range.lowerBound
      return
    }
    for _ in 0..<50 {
      let middle = (low + high) / 2
      if slope(middle) < 0 { low = middle } else { high = middle }
    }
    value = max((1e4 / low).rounded() / 1e4, Self.range.lowerBound)
  }

  /// The temperature for what a model said of rows.
  init(_ predictions: [Prediction], _ outcomes: Outcomes) {
    self.init(
      logits: predictions.flatMap(\.outputs), truths: outcomes.truths,
      areClasses: outcomes.kind == .multiclass)
  }
}

extension ModelInput {
  /// The model with its logits divided by the temperature; what it decides stays the same.
  ///
  /// The weights and biases of a float model's last layer are divided, each rounded to binary32. Of
  /// an int8 model only what a code stands for changes: no weight, no code and no decision does.
  ///
  /// - Throws: ``Failure`` when the last layer cannot take it in.
  func divided(by temperature: Temperature, fittedOn rows: ModelRows) throws(Failure) -> ModelInput
  {
    let changed: Model
    var words = "\(temperature.value)"
    switch model {
    case .float(let model):
      guard let divided = model.divided(by: temperature.value) else {
        throw Failure(
          .badInput, "\(named(path)): its last layer is not dense, so no temperature fits into it",
          hint: "quantize first: an int8 model takes any")
      }
      changed = .float(divided)
    case .int8(let model):
      changed = .int8(try naming(path) { try model.divided(by: temperature.value) })
      if let before = model.fittedTemperatures { words = "\(before) \(words)" }
    case .image: changed = model
    }
    return try replacing(changed, recording: "fitted-temperature", "by \(words)", rows)
  }
}

extension ModelTask {
  /// The same thresholds for logits that were divided.
  fileprivate mutating func divideLogits(by temperature: Double) {
    guard kind == .binary || kind == .multilabel else { return }
    thresholds = thresholds.map {
      (0.5).isEqual(to: $0) || $0 <= 0 || $0 >= 1 ? $0 : logistic(logit($0) / temperature)
    }
  }
}

extension FloatModel {
  /// Nil when the last layer is not dense or has an activation.
  fileprivate func divided(by temperature: Double) -> FloatModel? {
    guard let last = layers.last, last.operation.kind == .dense,
      last.activation.kind == .identity
    else { return nil }
    var result = self
    let place = layers.count - 1
    result.layers[place].weights = last.weights.map { Float(Double($0) / temperature) }
    result.layers[place].bias = last.bias.map { Float(Double($0) / temperature) }
    result.task.divideLogits(by: temperature)
    return result
  }
}

extension Int8Model {
  /// The provenance's key of what the logits of this model were divided by.
  private static let temperatureKey = "int8-fitted-temperature"

  /// The temperatures by which the model was divided, in this order, joined by spaces.
  fileprivate var fittedTemperatures: String? {
    provenance[Self.temperatureKey].flatMap { line in
      line.hasPrefix("by ")
        ? line.dropFirst(3).split(separator: " rows=").first.map(String.init) : nil
    }
  }

  /// - Throws: ``QuantizationError`` when the scale cannot be written.
  fileprivate func divided(by temperature: Double) throws -> Int8Model {
    var result = self
    let place = tensors.count - 1
    // A binary32, like every scale that quantizing chooses.
    result.tensors[place].scale = Double(Float(tensors[place].scale / temperature))
    result.task.divideLogits(by: temperature)
    let stage = try OutputStage(
      result.task, count: image.outputs.count,
      codes: AffineCodes(
        scale: result.tensors[place].scale, zeroPoint: Int(tensors[place].zeroPoint),
        width: image.outputWidth),
      inputs: [], layer: place)
    result.image.probability = stage.probability
    for (index, output) in stage.outputs.enumerated() {
      result.image.outputs[index].multiplier = output.multiplier
      result.image.outputs[index].exponent = output.exponent
    }
    return result
  }

  /// This model after what was done to `other` when it was an int8 model already: its temperatures,
  /// its thresholds and their record. Of two models of one float model the result is the same.
  ///
  /// - Throws: ``QuantizationError`` when a scale cannot be written.
  func repeatingChanges(of other: Int8Model) throws -> Int8Model {
    var result = self
    for text in (other.fittedTemperatures ?? "").split(separator: " ") {
      guard let value = Double(text), value > 0, value.isFinite else { continue }
      result = try result.divided(by: value)
    }
    for (key, value) in other.provenance.pairs
    where ["int8-cost-threshold", Self.temperatureKey].contains(where: key.hasPrefix) {
      result.provenance[key] = value
    }
    guard result.provenance["int8-cost-threshold"] != nil,
      result.image.outputs.count == other.image.outputs.count
    else { return result }
    result.task.thresholds = other.task.thresholds
    result.image.scoreThreshold = other.image.scoreThreshold
    for index in result.image.outputs.indices {
      result.image.outputs[index].threshold = other.image.outputs[index].threshold
    }
    return result
  }
}
