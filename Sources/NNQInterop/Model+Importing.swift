// SPDX-License-Identifier: Apache-2.0
public import NNQFormat

/// The formats that are read.
public enum ForeignFormat: Sendable {
  case onnx, tflite, safetensors

  /// TFLite and safetensors by their first bytes; anything else is read as ONNX, which has no mark.
  public init(of file: [UInt8]) {
    if TFLiteGraph.isStart(of: file) {
      self = .tflite
    } else {
      self = SafetensorsFile.isStart(of: file) ? .safetensors : .onnx
    }
  }

  /// The name that the command line uses.
  public var name: String {
    switch self {
    case .onnx: "onnx"
    case .tflite: "tflite"
    case .safetensors: "safetensors"
    }
  }
}

extension Model {
  /// Reads a network of another format as a model: ONNX and TFLite in binary32 as a float model,
  /// in codes as an int8 model of the same integers. A TFLite network with uint8 codes at its ends
  /// becomes one that takes and gives int8 codes, each 128 below the code of the file.
  ///
  /// Constants that shift and scale the inputs become the features' offset and scale, those behind
  /// the last layer the targets' scaling, so that readings and values keep their units.
  /// - Throws: ``InteropError``. Never traps, for any bytes; memory follows the bytes that are there.
  ///
  /// - Parameter layers: for safetensors, which holds weights alone; of no use to other formats.
  public init(
    importing file: [UInt8], _ settings: ImportSettings, layers: LayerList? = nil
  ) throws(InteropError) {
    guard file.count <= InteropLimit.file else {
      throw .tooLarge("bytes", found: file.count, limit: InteropLimit.file)
    }
    switch ForeignFormat(of: file) {
    case .onnx:
      let path = try ONNXPath(file)
      if path.isQuantized {
        self = .int8(try ONNXInt8Import.model(path, settings))
      } else {
        self = .float(try ONNXImport.network(path).model(settings))
      }
    case .tflite:
      let graph = try TFLiteGraph(file)
      let firstLayer = graph.operators.first { $0.code == .fullyConnected }
      if let input = firstLayer?.inputs.first, input >= 0, graph.tensors[input].type != .float {
        self = .int8(try TFLiteInt8Import.model(graph, settings))
      } else {
        self = .float(try TFLiteImport.network(graph).model(settings))
      }
    case .safetensors:
      guard let layers else { throw .noLayerList }
      self = .float(try ImportedNetwork(file, layers).model(settings))
    }
  }
}
