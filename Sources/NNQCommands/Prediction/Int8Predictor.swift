// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQReference
import NNQRuntime

/// An int8 model in the C runtime that a device runs, or in the reference under a named rule.
final class Int8Predictor: Predictor {
  let features: [Feature]
  let task: ModelTask
  var operations: [OperationKind] { image.layers.map(\.operation.kind) }
  var kernel: String { reference.map { "reference \($0.rule.rawValue)" } ?? runtime.kernel }
  let image: FlatImage
  let input: [Int8Model.Input]
  private let tensors: [Int8Model.Tensor]
  private var runtime: FirmwareRuntime
  /// What computes the codes in place of the C runtime.
  private let reference: RuleInference?

  /// - Parameter rule: runs the plain loops of the reference under this rule.
  /// - Throws: ``RuntimeFault`` or ``ModelFormatError``; ``Failure`` for a wrong `NNQ_KERNEL`.
  init(_ model: Int8Model, rule: RoundingRule? = nil) throws {
    reference = rule.map { RuleInference(model, $0) }
    features = model.features
    task = model.task
    image = model.image
    input = model.input
    tensors = model.tensors
    runtime = try FirmwareRuntime(
      image: try model.image.serialized(), kernel: try KernelChoice.ofEnvironment())
  }

  /// A flat image alone: it takes codes and counts, no readings.
  init(_ image: FlatImage, rule: RoundingRule? = nil) throws {
    reference = rule.map { RuleInference(image, $0) }
    features = []
    task = ModelTask(kind: image.task, targets: [])
    self.image = image
    input = []
    tensors = []
    runtime = try FirmwareRuntime(
      image: try image.serialized(), kernel: try KernelChoice.ofEnvironment())
  }

  func predict(_ readings: ArraySlice<Float>) -> Prediction {
    predict(codes: codes(readings))
  }

  /// - Shape: `counts` is `[features]`; nil when the model declares no counts.
  func predict(counts: [Int32]) -> Prediction? {
    runtime.codes(ofCounts: counts).map { predict(codes: $0) }
  }

  func predict(codes input: [Int16]) -> Prediction {
    guard let reference else { return prediction(runtime.run(input), of: input) }
    return prediction(reference.layerOutputs(input).last ?? input, of: input)
  }

  /// What output codes say, whatever runtime they come from.
  ///
  /// - Shape: `codes` is `[outputs]`, `input` the row's `[inputs]`.
  func prediction(_ codes: [Int16], of input: [Int16]) -> Prediction {
    var prediction = Prediction(codes: codes)
    prediction.outputs = zip(codes, image.outputs).map { $1.real($0) }
    if let probabilities = runtime.probabilities(of: codes) {
      prediction.probabilities = probabilities.map { Double($0) / 65_536 }
      prediction.scores = codes.map(Double.init)
    }
    if let (label, margin) = runtime.label(of: codes) {
      prediction.label = label
      prediction.margins = [margin]
    } else if let (flags, margins) = runtime.flags(of: codes) {
      prediction.flags = flags
      prediction.margins = margins
    } else if let score = runtime.score(of: input, output: codes) {
      let margin = runtime.scoreThreshold - score
      prediction.anomalyScore = Double(score)
      prediction.label = margin < 0 ? 1 : 0
      prediction.margins = [margin]
    } else {
      prediction.values = prediction.outputs
    }
    return prediction
  }

  func trace(_ readings: ArraySlice<Float>) -> LayerTrace { trace(codes: codes(readings)) }

  func trace(codes input: [Int16]) -> LayerTrace {
    let layers = reference?.layerOutputs(input) ?? runtime.layerOutputs(input)
    let values = layers.enumerated().map { index, codes in
      guard index < tensors.count else { return codes.map { Double($0) } }
      return codes.map { tensors[index].scale * Double(Int32($0) - tensors[index].zeroPoint) }
    }
    let saturated = zip(layers, image.layers).map { codes, layer in
      // A ReLU's lowest code is a value, not a loss; a table's codes are not clamped.
      let lowest = [.relu, .relu6].contains(layer.activation) ? Int16.min : layer.lowest
      return layer.table != nil ? 0 : codes.count { $0 == layer.highest || $0 == lowest }
    }
    return LayerTrace(values: values, saturated: saturated, codes: layers)
  }

  /// The input codes of a row of readings.
  func codes(_ readings: ArraySlice<Float>) -> [Int16] {
    zip(readings, input).map { $1.code($0, image.inputWidth) }
  }
}
