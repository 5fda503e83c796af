// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// How the codes of a foreign tensor stand for values: `real = scale * (code - zeroPoint)`.
struct CodeStep: Equatable {
  /// Finite and above 0.
  let scale: Float
  /// Within the width's codes, 0 for 16 bits.
  let zeroPoint: Int
  let width: CodeWidth

  init(scale: Float, zeroPoint: Int, width: CodeWidth = .eight) {
    self.scale = scale
    self.zeroPoint = zeroPoint
    self.width = width
  }

  /// Nil for a scale or a zero point out of its range.
  init?(checking scale: Float, _ zeroPoint: Int64, _ width: CodeWidth) {
    let zeroPoints: ClosedRange<Int64> = width == .eight ? -128...127 : 0...0
    guard scale.isFinite, scale > 0, zeroPoints.contains(zeroPoint) else { return nil }
    self.init(scale: scale, zeroPoint: Int(zeroPoint), width: width)
  }

  /// The code next to a value, clamped.
  ///
  /// - Rounding: to nearest, ties away from zero, in binary32.
  func code(_ real: Float) -> Int {
    let code = (real / scale).rounded(.toNearestOrAwayFromZero) + Float(zeroPoint)
    return Int(min(max(code, Float(width.range.lowerBound)), Float(width.range.upperBound)))
  }
}
