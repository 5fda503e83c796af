// SPDX-License-Identifier: Apache-2.0

/// The element types of TFLite; layers are read in some of them, the others are refused by name.
///
/// - Source: `TensorType` in schema.fbs, version 3, of TensorFlow Lite.
enum TFLiteType: Int8 {
  case float, float16, int32, uint8, int64, string, bool, int16, complex64, int8, float64
  case complex128, uint64, resource, variant, uint32, uint16, int4, bfloat16

  /// The name in the schema.
  var name: String { self == .float ? "FLOAT32" : "\(self)".uppercased() }
}

/// An operator of TFLite; only those that are read have a case.
enum TFLiteOperator: Equatable {
  case add, subtract, multiply, divide
  case fullyConnected
  case relu, relu6, leakyRelu, tanh, logistic, gelu, hardSwish, softmax
  case quantize, dequantize
  case reshape, squeeze, expandDimensions
  case other(String)

  private static let known: [(code: Int, operation: TFLiteOperator, name: String)] = [
    (0, .add, "ADD"), (6, .dequantize, "DEQUANTIZE"), (9, .fullyConnected, "FULLY_CONNECTED"),
    (14, .logistic, "LOGISTIC"), (18, .multiply, "MUL"), (19, .relu, "RELU"),
    (21, .relu6, "RELU6"), (22, .reshape, "RESHAPE"), (25, .softmax, "SOFTMAX"),
    (28, .tanh, "TANH"), (41, .subtract, "SUB"), (42, .divide, "DIV"), (43, .squeeze, "SQUEEZE"),
    (70, .expandDimensions, "EXPAND_DIMS"), (98, .leakyRelu, "LEAKY_RELU"),
    (114, .quantize, "QUANTIZE"), (117, .hardSwish, "HARD_SWISH"), (150, .gelu, "GELU"),
  ]

  /// Names of operators that files often hold and that are not read.
  private static let common = [
    1: "AVERAGE_POOL_2D", 2: "CONCATENATION", 3: "CONV_2D", 4: "DEPTHWISE_CONV_2D",
    11: "L2_NORMALIZATION", 16: "LSTM", 17: "MAX_POOL_2D", 20: "RELU_N1_TO_1", 39: "TRANSPOSE",
    40: "MEAN", 45: "STRIDED_SLICE", 49: "SPLIT", 50: "LOG_SOFTMAX", 54: "PRELU", 55: "MAXIMUM",
    56: "ARG_MAX", 57: "MINIMUM", 67: "TRANSPOSE_CONV", 77: "SHAPE", 83: "PACK",
    111: "ELU", 126: "BATCH_MATMUL",
  ]

  init(code: Int, custom: String) {
    if let known = Self.known.first(where: { $0.code == code }) {
      self = known.operation
    } else if code == 32 {
      self = .other("custom operator \(custom)")
    } else {
      self = .other(Self.common[code] ?? "operator \(code)")
    }
  }

  /// The name in the schema.
  var name: String {
    if case .other(let name) = self { return name }
    return Self.known.first { $0.operation == self }?.name ?? ""
  }

  /// The number in the schema.
  var code: Int {
    if case .other(let name) = self { return Self.common.first { $0.value == name }?.key ?? 0 }
    return Self.known.first { $0.operation == self }?.code ?? 0
  }
}

/// The activation that an operator has built in.
enum TFLiteActivation: Int8 {
  case none = 0
  case relu = 1
  case reluMinusOneToOne = 2
  case relu6 = 3
  case tanh = 4
}
