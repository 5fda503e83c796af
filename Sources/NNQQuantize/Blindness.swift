// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// Why calibration rows tell nothing of what a quantized model does on others.
public enum Blindness: Equatable, Sendable {
  /// Fewer than ``leastRows``.
  case fewRows(Int)
  /// The float model answers all of them alike.
  case constant

  /// Fewer rows neither show the ranges of the tensors nor leave some to hold back.
  public static let leastRows = 64

  /// - Parameters:
  ///   - pass: of a float model.
  ///   - rows: how many of its rows were given; the others were made up.
  init?(_ pass: CalibrationPass, given rows: Int) {
    if rows < Self.leastRows {
      self = .fewRows(rows)
    } else if pass.outputs.last?.columnRanges.allSatisfy({ $0.lowerBound == $0.upperBound })
      ?? true
    {
      self = .constant
    } else {
      return nil
    }
  }
}

extension CalibrationRows {
  /// As many rows as show the ranges of the tensors: where they are fewer and the model knows its
  /// features' quantiles, the rest is made of those, each feature for itself.
  ///
  /// Features that never meet in such a way make ranges wider than they need be, not narrower.
  func filledUp(for model: FloatModel) -> CalibrationRows {
    guard (1..<Blindness.leastRows).contains(rows), let statistics = model.statistics else {
      return self
    }
    var filled = readings
    for row in rows..<Blindness.leastRows {
      for feature in statistics.quantiles.indices {
        let bits = Self.scrambled(UInt64(row) << 32 | UInt64(feature)) >> 11
        filled.append(statistics.quantile(Double(bits) * 0x1p-53, of: feature))
      }
    }
    return CalibrationRows(rows: Blindness.leastRows, readings: filled)
  }

  /// A bijection whose results look like chance.
  ///
  /// - Source: the finalizer of Steele, Lea, Flood 2014, "Fast Splittable Pseudorandom Number
  ///   Generators".
  private static func scrambled(_ number: UInt64) -> UInt64 {
    var bits = number &+ 0x9E37_79B9_7F4A_7C15
    bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
    return bits ^ bits >> 31
  }
}

extension FeatureStatistics {
  /// A feature's quantile, between two that are known on the line between them.
  fileprivate func quantile(_ probability: Double, of feature: Int) -> Float {
    let values = quantiles[feature]
    let next = probabilities.firstIndex { $0 > probability } ?? probabilities.count - 1
    guard next > 0 else { return values[next] }
    let (low, high) = (probabilities[next - 1], probabilities[next])
    let share = Float((probability - low) / (high - low))
    return values[next - 1] * (1 - share) + values[next] * share
  }
}
