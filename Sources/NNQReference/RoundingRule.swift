// SPDX-License-Identifier: Apache-2.0

/// A rule by which the sum of a dense layer becomes a code.
///
/// The first is that of nnq. The others are what the field computes with the same integers; they are
/// here to find out which one a vendor's kernels follow.
public enum RoundingRule: String, CaseIterable, Sendable {
  /// One rounding of the 64-bit product, ties toward +infinity: <doc:Numerics>, and LiteRT's
  /// reference kernels.
  case nnq = "nnq"
  /// gemmlowp's two roundings, the default of TFLite Micro and CMSIS-NN.
  case tfliteDouble = "tflite-double"
  /// The product in binary32, rounded once to nearest, ties to even, as XNNPACK does.
  case litertFloat = "litert-float"
}
