// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// A foreign network as it was read, before names and a task make a model of it.
struct ImportedNetwork {
  var folding: LayerFolding
  var tail: Tail
  /// The names of the classes that the file holds.
  var classes: [String]?
  /// The inputs that the file declares, where it does.
  var declaredInputs: Int?

  /// The float model: finite numbers, one name and scaling a feature, a task that fits.
  func model(_ settings: ImportSettings) throws(InteropError) -> FloatModel {
    var folding = folding
    guard let first = folding.layers.first, let last = folding.layers.last else {
      throw .noLayers
    }
    if let declaredInputs, declaredInputs != first.inputs {
      throw .mismatch(setting: "inputs", found: declaredInputs, expected: first.inputs)
    }
    var tail = tail
    if last.activation == .sigmoid, folding.pending.isIdentity, tail == .none { tail = .sigmoid }
    var task = try settings.task(
      inputs: first.inputs, outputs: last.outputs, tail: tail, classes: classes)
    if tail == .sigmoid, task.kind == .binary || task.kind == .multilabel {
      // The task takes logits: its threshold is one of probabilities.
      folding.dropLastActivation()
    }
    if task.kind == .regression, folding.pending.factors.allSatisfy({ $0 > 0 }) {
      task.targetScaling = zip(folding.pending.factors, folding.pending.shifts).map {
        ModelTask.TargetScaling(offset: $1, scale: $0)
      }
    } else if last.activation == .identity {
      folding.foldIntoLastLayer()
    } else if !folding.pending.isIdentity {
      throw .unsupportedUse(
        InteropError.Node(name: "output", operation: "arithmetic"), .afterActivation)
    }
    var features = try settings.features(count: first.inputs)
    for (index, scaling) in folding.featureScaling.enumerated() {
      features[index].offset = scaling.offset
      features[index].scale = scaling.scale
    }
    for (index, layer) in folding.layers.enumerated() {
      var numbers = layer.weights + layer.bias
      if case .layerNorm(let gamma, let beta, _) = layer.operation { numbers = gamma + beta }
      guard numbers.allSatisfy(\.isFinite) else {
        throw .wrongTensor("weights of layer \(index)", shape: [layer.outputs, layer.inputs])
      }
    }
    guard task.targetScaling.allSatisfy({ $0.offset.isFinite && $0.scale.isFinite }) else {
      throw .wrongTensor("scaling of the output", shape: [last.outputs])
    }
    return FloatModel(layers: folding.layers, features: features, task: task)
  }
}
