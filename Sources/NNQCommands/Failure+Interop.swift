// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQInterop
import NNQWords

extension Failure {
  /// What is wrong with a foreign file, as a sentence.
  init(_ error: InteropError, in path: String) {
    func because(_ reason: String, hint: String? = nil) -> Failure {
      Failure(.badInput, "\(path): \(reason)", hint: hint)
    }
    switch error {
    case .unknownFormat:
      self = because("neither ONNX nor TFLite nor safetensors")
    case .truncated(let byte):
      self = because("truncated: a field at byte \(byte) goes past the end")
    case .malformed(let byte, let field):
      self = because("damaged: \(field) at byte \(byte)")
    case .tooLarge(let what, let found, let limit):
      self = because("\(found) \(printable(what)) where at most \(limit) are allowed")
    case .unsupportedVersion(let what, let found, let oldest):
      self = because("\(what) \(found), this nnq reads \(oldest) and later")
    case .wrongEnds(let inputs, let outputs):
      self = because("\(inputs) inputs and \(outputs) outputs where one path is expected")
    case .externalData(let tensor):
      self = because(
        "\(quoted(tensor)): its numbers lie in another file", hint: "export one file that holds all"
      )
    case .unsupportedType(let tensor, let type):
      self = because("\(quoted(tensor)): element type \(type) is not read")
    case .unsupportedElements(let tensor, let found):
      self = because("\(quoted(tensor)): numbers of the type \(printable(found)) are not read")
    case .missingTensor(let name):
      self = because("no tensor \(quoted(name)), which the list of layers names")
    case .badLayerLine(let line, let found):
      self = because(
        "line \(line) of the list of layers: \(quoted(found)) is no layer",
        hint: "give the names of weights and bias (or -) and an activation, as in: "
          + "net.0.weight net.0.bias relu")
    case .noLayerList:
      self = because(
        "safetensors holds weights alone", hint: "say with --layers which make which layer")
    case .wrongTensor(let name, let shape):
      self = because("\(quoted(name)): its numbers do not fit the shape \(shape) or are not finite")
    case .unsupportedOperator(let node):
      self = because(
        "\(node.words): no operator that nnq knows",
        hint: "a model is dense layers with scaling, normalization and activations between them")
    case .unsupportedUse(let node, let obstacle):
      self = because("\(node.words): \(obstacle.words)")
    case .noLayers: self = because("no dense layer in it")
    case .mismatch(let setting, let found, let expected):
      self = because("\(setting): \(found) where the network has \(expected)")
    case .badName(let setting, let name):
      self = because("\(setting): \(quoted(name)) is empty or given twice")
    case .badThreshold(let value): self = because("threshold \(value) is out of range")
    case .noThreshold:
      self = because("the task anomaly has no threshold", hint: "give one with --threshold")
    case .wrongTask(let kind, let tail):
      self = because("the network ends with \(tail), which does not suit the task \(kind.name)")
    case .cannotWrite(let layer, let bits, let hasTable):
      self = because(
        "layer \(layer): \(hasTable ? "its table of codes" : "its \(bits)-bit codes") cannot be "
          + "written in this format",
        hint: bits == 8
          ? nil
          : "quantize with --input 8 --activations 8 --output 8 and --coarse-tables")
    case .cannotWriteOperation(let layer, let name):
      self = because("layer \(layer): \(name) cannot be written in this format")
    case .format(let error): self.init(error, in: path)
    }
  }
}

extension InteropError.Node {
  fileprivate var words: String { "operator \(quoted(name)) (\(printable(operation)))" }
}

extension InteropError.Obstacle {
  fileprivate var words: String {
    switch self {
    case .attribute(let name, let found): "\(name) is \(printable(found)), which is not supported"
    case .notConstant(let input): "input \(input) is no constant"
    case .shape(let found, let expected):
      expected.isEmpty
        ? "a tensor of the shape \(found)" : "shape \(found) where \(expected) fits"
    case .type(let type): "element type \(type) in this place"
    case .quantization(let found): "the scale or zero point \(printable(found)) cannot be used"
    case .constant(let found): "the constant \(found) is 0 or not finite"
    case .beforeFirstLayer: "it comes before the first dense layer"
    case .afterActivation: "it follows an activation, where only a dense layer may"
    case .branch: "its input goes to other operators or outputs too"
    case .order: "it stands before what makes its input"
    case .integer(let row, let found): "row \(row): \(found) is out of range"
    }
  }
}
