// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQReference

/// A model that is ready for rows of readings.
protocol Predictor: AnyObject {
  var features: [Feature] { get }
  var task: ModelTask { get }
  /// What each layer computes.
  var operations: [OperationKind] { get }
  /// What computes: `float32` or the name of the C runtime's kernel.
  var kernel: String { get }
  /// - Shape: `readings` is `[features]`, missing ones already replaced.
  func predict(_ readings: ArraySlice<Float>) -> Prediction
  /// - Shape: as for ``predict(_:)``.
  func trace(_ readings: ArraySlice<Float>) -> LayerTrace
}

/// A float model in binary32.
final class FloatPredictor: Predictor {
  let features: [Feature]
  let task: ModelTask
  let operations: [OperationKind]
  let kernel = "float32"
  let inference: FloatInference

  init(_ model: FloatModel) {
    features = model.features
    task = model.task
    operations = model.layers.map(\.operation.kind)
    inference = FloatInference(model)
  }

  func predict(_ readings: ArraySlice<Float>) -> Prediction {
    let input = inference.standardized(readings)
    let output = inference.run(input)
    let decided = task.prediction(input: input, output: output)
    let isRanked = [.binary, .multiclass, .multilabel].contains(task.kind)
    let reals = task.kind == .regression ? decided.values : output.map(Double.init)
    return Prediction(
      label: decided.label, flags: decided.flags, scores: isRanked ? output.map(Double.init) : [],
      probabilities: decided.probabilities, values: decided.values, anomalyScore: decided.score,
      outputs: reals)
  }
}

extension FloatPredictor {
  func trace(_ readings: ArraySlice<Float>) -> LayerTrace {
    let layers = inference.layerOutputs(inference.standardized(readings))
    return LayerTrace(values: layers.map { $0.map(Double.init) }, saturated: [])
  }
}

extension ModelInput {
  /// The model, ready for rows of readings.
  ///
  /// - Parameter rule: runs an int8 model in the reference under this rule.
  /// - Throws: ``Failure`` for a flat image, which knows no features.
  func predictor(_ rule: RoundingRule? = nil) throws(Failure) -> any Predictor {
    switch model {
    case .float(let model): FloatPredictor(model)
    case .int8(let model): try naming(path) { try Int8Predictor(model, rule: rule) }
    case .image:
      throw Failure(
        .badInput, "\(named(path)): a flat image knows neither names nor scaling of its inputs",
        hint: "use the int8 model that quantize wrote, or codes: predict --codes")
    }
  }
}
