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
