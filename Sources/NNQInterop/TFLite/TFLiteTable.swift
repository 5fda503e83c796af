// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQMath

/// Activations of int8 codes as LiteRT's reference kernels compute them.
enum TFLiteTable {
  /// The code for each of -128 ... 127; nil where a factor leaves its range.
  ///
  /// - Rounding: tanh and sigmoid are those of binary32, to nearest code, halves away from zero; a
  ///   ReLU rescales with one rounding, halves up.
  static func codes(
    _ activation: Activation, from taken: TFLiteInt8Import.Step, to made: TFLiteInt8Import.Step,
    ceiling: Float?
  ) -> [Int8]? {
    let range = CodeWidth.eight.range
    switch activation {
    case .identity: return nil
    case .relu:
      guard let factor = FixedPointMultiplier(Double(taken.scale / made.scale)) else { return nil }
      let six = ceiling.map {
        ($0 / made.scale).rounded(.toNearestOrAwayFromZero) + Float(made.zeroPoint)
      }
      let highest = Int64(min(Float(range.upperBound), six ?? .infinity))
      return range.map { code in
        let scaled = Int64(made.zeroPoint) + requantize(Int64(code - taken.zeroPoint), factor)
        return Int8(min(max(scaled, Int64(made.zeroPoint)), highest))
      }
    case .tanh, .sigmoid:
      let inverse = 1 / made.scale
      guard inverse.isFinite else { return nil }
      return range.map { code in
        let value = taken.scale * Float(code - taken.zeroPoint)
        let result =
          activation == .tanh
          ? Float(PortableMath.tanh(Double(value)))
          : 1 / (1 + Float(PortableMath.exp(Double(-value))))
        let scaled = (result * inverse).rounded(.toNearestOrAwayFromZero) + Float(made.zeroPoint)
        return Int8(min(max(scaled, Float(range.lowerBound)), Float(range.upperBound)))
      }
    }
  }
}
