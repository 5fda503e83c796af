// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// The factor of a layer's row as LiteRT's reference kernels form it from scales of binary32.
enum LayerFactor {
  /// - Parameter rows: how many scales the layer's weights have.
  /// - Rounding: the product of input and weight scale is one of binary32 where a layer has one
  ///   weight scale, else one of binary64, which holds it exactly.
  static func factor(
    _ taken: Float, _ weights: Float, _ made: Float, rows: Int
  ) -> FixedPointMultiplier? {
    let product = rows == 1 ? Double(taken * weights) : Double(taken) * Double(weights)
    return FixedPointMultiplier(product / Double(made))
  }

  /// The weight scale that gives a factor: exactly where one of binary32 does, else the nearest.
  static func weightScale(
    _ factor: FixedPointMultiplier, _ taken: Float, _ made: Float, rows: Int
  ) -> (scale: Float, isExact: Bool) {
    let nearest = Float(factor.real * Double(made) / Double(taken))
    for scale in [nearest, nearest.nextUp, nearest.nextDown]
    where self.factor(taken, scale, made, rows: rows) == factor { return (scale, true) }
    return (nearest, false)
  }
}
