// SPDX-License-Identifier: Apache-2.0
public import NNQFormat

/// What is wrong with a model of another format, or what it holds that a perceptron cannot.
public enum InteropError: Error, Equatable, Sendable {
  /// An operator of a foreign graph, as a user can find it there.
  public struct Node: Equatable, Sendable {
    /// Its name, or that of what it computes where it has none.
    public var name: String
    /// For example `Gemm`, `ai.onnx.ml.Scaler` or `FULLY_CONNECTED`.
    public var operation: String

    public init(name: String, operation: String) {
      self.name = name
      self.operation = operation
    }
  }

  /// Why an operator that is known cannot be taken over as it is used here.
  public enum Obstacle: Equatable, Sendable {
    /// An attribute or option with a value that changes what the operator means.
    case attribute(String, found: String)
    /// An input that has to be a constant, by its place.
    case notConstant(input: Int)
    /// A shape that does not fit what comes before it.
    case shape(found: [Int], expected: [Int])
    /// An element type, as the format names it.
    case type(String)
    /// A scale or zero point that is missing or out of its range.
    case quantization(found: String)
    /// A constant that is not finite, or 0 where it divides.
    case constant(found: Double)
    /// It works on values that no dense layer has made.
    case beforeFirstLayer
    /// It works on what an activation hands on, where only a dense layer may follow.
    case afterActivation
    /// The value that it takes in goes to other operators too, or the graph hands it on.
    case branch
    /// It stands before an operator that makes what it takes in.
    case order
    /// Integers that the arithmetic of nnq cannot hold, for example a weight of -128.
    case integer(row: Int, found: Int)
  }

  /// The first bytes are those of no format that can be read.
  case unknownFormat
  /// The file ends before the field at this byte, or a length in it points past the end.
  case truncated(byte: Int)
  /// A field that holds what the format does not allow.
  case malformed(byte: Int, field: String)
  /// More of something than is taken.
  case tooLarge(String, found: Int, limit: Int)
  /// A version of the format or of its operators that cannot be read.
  case unsupportedVersion(String, found: Int, oldest: Int)
  /// A graph that has not one input and at least one output.
  case wrongEnds(inputs: Int, outputs: Int)
  /// A tensor whose numbers lie in another file.
  case externalData(tensor: String)
  /// A constant with an element type that cannot be read.
  case unsupportedType(tensor: String, type: Int)
  /// A constant with more or fewer numbers than its shape asks, or none that are finite.
  case wrongTensor(String, shape: [Int])
  /// A tensor with an element type that cannot be read, by its name.
  case unsupportedElements(tensor: String, found: String)
  /// A list of layers names a tensor that the file does not hold.
  case missingTensor(String)
  /// A line of a list of layers that names no layer.
  case badLayerLine(line: Int, found: String)
  /// A file of weights alone without a list of layers.
  case noLayerList
  /// An operator that no perceptron of nnq has.
  case unsupportedOperator(Node)
  /// An operator that is known but not in this place.
  case unsupportedUse(Node, Obstacle)
  /// A graph without a dense layer.
  case noLayers
  /// A setting that does not fit the network.
  case mismatch(setting: String, found: Int, expected: Int)
  /// Two names that are the same, or one that is empty.
  case badName(setting: String, name: String)
  /// A threshold that is no probability or, for an anomaly score, not finite or below 0.
  case badThreshold(Double)
  /// The task anomaly without a threshold.
  case noThreshold
  /// A task that the end of the network does not allow.
  case wrongTask(ModelTask.Kind, tail: String)
  /// A layer that the other format cannot hold: codes of more than 8 bits, or a table of codes.
  case cannotWrite(layer: Int, bits: Int, hasTable: Bool)
  /// A layer whose operation or activation is not written in the other format.
  case cannotWriteOperation(layer: Int, name: String)
  /// The result breaks a rule of the format of nnq.
  case format(ModelFormatError)
}

/// The most of each thing that is read from a foreign file.
enum InteropLimit {
  static let file = FormatLimit.file
  static let nodes = 10_000
  static let tensors = 20_000
  static let attributes = 64
  static let dimensions = 8
  /// Numbers that operators on constants make, over the whole file.
  static let folded = 1 << 24
  /// Bytes of the header of a safetensors file.
  static let header = 1 << 24
  /// How deep messages and tables may lie in one another.
  static let depth = 16
  /// Bytes of the name of a value in a graph, which is refused beyond.
  static let key = 4096
  /// Bytes of a name that are kept.
  static let name = 256
}
