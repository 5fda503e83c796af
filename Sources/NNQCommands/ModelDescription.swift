// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// What float and int8 models share: names, scaling and the meaning of the outputs.
struct ModelDescription {
  let features: [Feature]
  let task: ModelTask
  let provenance: Provenance
}

extension Model {
  /// Nil for a flat image, which has no names.
  var description: ModelDescription? {
    switch self {
    case .float(let model):
      ModelDescription(features: model.features, task: model.task, provenance: model.provenance)
    case .int8(let model):
      ModelDescription(features: model.features, task: model.task, provenance: model.provenance)
    case .image: nil
    }
  }
}

extension FlatImage {
  /// The bytes of RAM that an inference takes in the C runtime: input, output and hidden codes.
  var ramBytes: Int {
    let hidden = layers.dropLast().map { $0.outputs * $0.outputWidth.bytes }
    let even = stride(from: 0, to: hidden.count, by: 2).map { hidden[$0] }.max() ?? 0
    let odd = stride(from: 1, to: hidden.count, by: 2).map { hidden[$0] }.max() ?? 0
    return inputs * inputWidth.bytes + outputs.count * outputWidth.bytes + even + odd
  }
}
