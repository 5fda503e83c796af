// SPDX-License-Identifier: Apache-2.0
package import NNQFormat

/// An affine map between codes and real values: `real = scale * (code - zeroPoint)`.
///
/// Invariants: the scale is finite and above 0; real 0 is exactly the code `zeroPoint`, which lies
/// within the width and is 0 for 16 bits. The scales that are chosen here are numbers of binary32, so
/// that other formats can hold them.
package struct AffineCodes: Equatable, Sendable {
  package let scale: Double
  package let zeroPoint: Int
  package let width: CodeWidth

  package init(scale: Double, zeroPoint: Int, width: CodeWidth) {
    self.scale = scale
    self.zeroPoint = zeroPoint
    self.width = width
  }

  /// The narrowest codes that cover a range and real 0.
  ///
  /// - Range: a range of nothing but 0 is taken as -1 ... 1.
  init(covering range: ClosedRange<Double>, width: CodeWidth) {
    let low = min(range.lowerBound, 0)
    let high = max(range.upperBound, 0)
    let codes = width.range
    // The smallest step that stays a normal number; a narrower range has nothing to tell apart.
    let smallest = 1e-30
    switch width {
    case .sixteen:
      let reach = max(-low, high)
      self.init(
        scale: ((reach < smallest ? 1 : reach) / 32_767).upToBinary32, zeroPoint: 0, width: width)
    case .eight:
      guard high - low >= smallest else {
        self.init(scale: (2.0 / 255).upToBinary32, zeroPoint: 0, width: width)
        return
      }
      let scale = ((high - low) / 255).upToBinary32
      let zeroPoint = (Double(codes.lowerBound) - low / scale).rounded(.toNearestOrAwayFromZero)
      self.init(
        scale: scale,
        zeroPoint: min(max(Int(zeroPoint), codes.lowerBound), codes.upperBound), width: width)
    }
  }

  /// The code nearest to a real value, half up, clamped.
  package func code(_ real: Double) -> Int {
    let code = (real / scale + 0.5).rounded(.down) + Double(zeroPoint)
    return Int(min(max(code, Double(width.range.lowerBound)), Double(width.range.upperBound)))
  }

  package func real(_ code: Int) -> Double { scale * Double(code - zeroPoint) }

  /// `[rows][columns]`, what the codes stand for.
  func reals(_ codes: Rows<Int16>) -> [Double] {
    let zeroPoint = Int32(zeroPoint)
    return codes.values.map { scale * Double(Int32($0) - zeroPoint) }
  }
}

extension ClosedRange<Double> {
  /// The range with both ends moved away from 0 by a factor of at least 1.
  func widened(_ factor: Double) -> ClosedRange<Double> {
    (lowerBound < 0 ? lowerBound * factor : lowerBound)...(upperBound > 0
      ? upperBound * factor : upperBound)
  }

  /// The smallest range that holds both.
  func covering(_ other: ClosedRange<Double>) -> ClosedRange<Double> {
    Swift.min(lowerBound, other.lowerBound)...Swift.max(upperBound, other.upperBound)
  }
}

extension Double {
  /// The lowest number of binary32 that is not below this one, where a normal one is; else this one.
  var upToBinary32: Double {
    let nearest = Float(self)
    let up = Double(nearest) < self ? nearest.nextUp : nearest
    return up.isNormal && nearest.isNormal ? Double(up) : self
  }
}
