// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// What is known of a tensor in both networks for every row of the box.
struct TensorEnclosure: Sendable {
  /// What the codes are taken to stand for.
  var meaning: CodeMeaning
  /// Of the float network, one a unit.
  var values: [Interval]
  /// What the codes stand for less the float network's value.
  var errors: [Interval]
  /// Nil where there would be too many coefficients.
  var forms: JointForms?

  var count: Int { values.count }
}

/// A tensor in both networks over the same symbols.
struct JointForms: Sendable {
  var values: AffineForms
  var errors: AffineForms

  /// The symbols that a tensor made of this one, and of earlier ones, is written in.
  var coefficients: Int { values.signal.columns + errors.signal.columns + errors.noise.columns }
}

/// `scale * (code - zero point) + shift` for each unit of a tensor. The claims hold whatever numbers
/// these are; good ones make them tight.
struct CodeMeaning: Sendable {
  var scales: [Double]
  var zeroPoints: [Int]
  var shifts: [Double]

  init(scales: [Double], zeroPoints: [Int], shifts: [Double]) {
    self.scales = scales
    self.zeroPoints = zeroPoints
    self.shifts = shifts
  }

  /// Scales whose products with codes and with each other neither overflow nor vanish.
  static let scales = 0x1p-200...0x1p200

  /// One scale and zero point for all units.
  init(scale: Double, zeroPoint: Int, count: Int) {
    self.init(
      scales: [Double](repeating: scale, count: count),
      zeroPoints: [Int](repeating: zeroPoint, count: count),
      shifts: [Double](repeating: 0, count: count))
  }

  /// What codes of a unit stand for.
  func reals(_ codes: ClosedRange<Int>, unit: Int) -> Interval {
    scales[unit]
      * Interval(
        Double(codes.lowerBound - zeroPoints[unit]), Double(codes.upperBound - zeroPoints[unit]))
      + Interval(shifts[unit])
  }
}
