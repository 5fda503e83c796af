// SPDX-License-Identifier: Apache-2.0
import NNQCertify
import NNQWords

extension Failure {
  /// Why a model cannot be certified, as a sentence. What no bound is known for is an answer: no.
  init(_ error: CertificationError, in path: String) {
    switch error {
    case .notItsFloatModel:
      self.init(
        .badInput, "\(path): was made of another float model",
        hint: "give the one that it was quantized from with --float")
    case .otherShape(let layer):
      self.init(.no, "\(path): layer \(layer) is another one than in its float model: not covered")
    case .pruned:
      self.init(
        .no, "\(path): features and units were left out by --prune: not covered yet",
        hint: "quantize without --prune")
    case .temperature:
      self.init(
        .no, "\(path): its outputs were divided by a fitted temperature: not covered",
        hint: "certify the model as quantize wrote it")
    case .notCovered(let layer, .functionWithoutTable):
      self.init(.no, "\(path): layer \(layer): its function has no table: not covered")
    case .notCovered(let layer, .otherCodes):
      self.init(
        .no,
        "\(path): layer \(layer): its codes have other scales or zero points than those before: not"
          + " covered")
    case .floatOverflow(let layer, let output):
      self.init(
        .no,
        "\(path): layer \(layer), output \(output): the float network can leave binary32 there",
        hint: "a smaller box with --box")
    case .unbounded(let layer, let output):
      self.init(.no, "\(path): layer \(layer), output \(output): no finite bound follows")
    case .noBox(let feature):
      self.init(
        .badInput, "\(path): the readings of \(quoted(feature)) have no range of finite numbers")
    }
  }
}
