// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// A layer norm in both networks: `gamma * normalized + beta`, and in the float network's units, but for
/// the rounding of the requantized code, `coded * normalized + codedBias` with what the codes stand for
/// normalized by another epsilon.
struct NormRows: Sendable {
  let gamma: [Double]
  let beta: [Double]
  /// Each within 2^-49 of its share.
  let coded: [Double]
  let codedBias: [Double]
  let epsilon: Double
  /// In the float network's units; within 2^-49 of its share.
  let codedEpsilon: Double
  /// What one requantized code stands for.
  let step: Double

  /// - Parameter step: nil fits it to the gains.
  /// - Returns: nil where the codes that come in are not of one scale.
  init?(
    _ norm: FlatImage.Layer.LayerNorm, gamma: [Float], beta: [Float], epsilon: Float,
    of taken: CodeMeaning, step given: Double?
  ) {
    let (scale, zero) = (taken.scales[0], taken.zeroPoints[0])
    guard taken.scales.allSatisfy({ $0 == scale }), taken.zeroPoints.allSatisfy({ $0 == zero }),
      taken.shifts.allSatisfy({ $0 == taken.shifts[0] })
    else { return nil }
    self.gamma = gamma.map(Double.init)
    self.beta = beta.map(Double.init)
    self.epsilon = Double(epsilon)
    let count = Double(gamma.count)
    codedEpsilon = Double(norm.epsilon) / (count * count) * scale * scale
    let units = zip(norm.factors, norm.gain).map { $0.real * Double($1) * 0x1p15 }
    let step = given ?? LinearRows.fittedStep(units, self.gamma)
    self.step = step
    coded = units.map { $0 * step }
    codedBias = zip(norm.factors, norm.bias).map { $0.real * Double($1) * step }
  }
}

extension LayerSums {
  /// The sums of a layer norm, by intervals.
  ///
  /// With n values, c the distances from their mean and D the root of variance and epsilon, c / D is
  /// the normalized value N. For codes that are off by e, whose distances are off by d, D is off by no
  /// more than the length of d over sqrt(n) and the difference of the roots of both epsilons, because D
  /// is a length. So N is off by at most `(|d| + |N| * that) / D` with the D of the codes.
  init(_ rows: NormRows, _ input: TensorEnclosure) {
    let count = rows.gamma.count
    rounding = (rows.step / 2).nextUp
    (values, errors, reach, forms) = ([], [], [], nil)
    let distances = Distances(input)
    let root = rows.epsilon.squareRoot()
    let codedRoot = rows.codedEpsilon.squareRoot()
    let most = Double(count - 1).squareRoot().nextUp
    let least = distances.leastLength(distances.values, rows.epsilon)
    let codedLeast = distances.leastLength(distances.reals, rows.codedEpsilon)
    let turn =
      (distances.errorLength / Double(count).squareRoot() + abs(codedRoot - root)
        + 0x1p-48 * (root + codedRoot)) * (1 + 0x1p-40)
    let largest = input.values.map(\.magnitude).max() ?? 0
    for unit in 0..<count {
      let normal = min(most, (distances.values[unit].magnitude / least).nextUp)
      let codedNormal = min(most, (distances.reals[unit].magnitude / codedLeast).nextUp)
      let off = min(
        (distances.errors[unit].magnitude + normal * turn) / codedLeast * (1 + 0x1p-40),
        normal + codedNormal)
      // In units of 2^-15: half a unit, and the root's 2^-30 of the value.
      let integer = 0x1.1p-16 + codedNormal * 0x1p-28
      let (gamma, beta) = (rows.gamma[unit], rows.beta[unit])
      let (coded, bias) = (rows.coded[unit], rows.codedBias[unit])
      let size = abs(gamma) * normal + abs(beta)
      // Binary64 inside, one rounding to binary32.
      let inside = roundingShare(count) * (most + largest / least)
      // Where rounding is not small beside the deviation nothing is said.
      let binary32 =
        inside < 0x1p-10
        ? size * 0x1.02p-24 + 4 * inside * abs(gamma) + 0x1p-149 : .infinity
      values.append(
        Interval(around: beta, radius: (abs(gamma) * normal).nextUp).widened(by: binary32))
      let error =
        abs(coded) * (off + integer) + abs(coded - gamma) * normal + binary32
        + roundingShare(8) * (abs(coded) * codedNormal + size + abs(bias))
      errors.append((Interval(bias) - Interval(beta)).widened(by: error + rounding))
      reach.append(size * (1 + 0x1p-20))
    }
    if let before = input.forms {
      // The rounding is in the intervals already.
      forms = JointForms(of: values, errors, behind: before)
      rounding = 0
    }
  }
}

/// The distances of a tensor's units from their mean.
private struct Distances {
  /// Of the float network, of what the codes stand for, and of their difference.
  let values: [Interval]
  let reals: [Interval]
  let errors: [Interval]
  /// What the length of all errors together does not pass.
  let errorLength: Double

  init(_ input: TensorEnclosure) {
    let count = input.count
    func centered(_ intervals: [Interval]) -> [Interval] {
      let sum = intervals.reduce(Interval(0)) { $0 + $1 }
      let share = 1 / Double(count)
      return intervals.map { own in
        // x (1 - 1/n) less the n-th of all others.
        let others = Interval(
          (sum.lower - own.lower).nextDown, (sum.upper - own.upper).nextUp)
        return ((1 - share) * own - share * others)
          .widened(by: 0x1p-48 * (own.magnitude + share * others.magnitude))
      }
    }
    var (values, errors) = (centered(input.values), centered(input.errors))
    if let forms = input.forms {
      let share = 1 / Double(count)
      let centering = (0..<count * count).map {
        ($0 / count == $0 % count ? 1 : 0) - share
      }
      let ways = [forms.values, forms.errors].map {
        $0.multiplied(by: centering, outputs: count).bounds
      }
      values = zip(values, ways[0]).map { $0.tightened(by: $1) }
      errors = zip(errors, ways[1]).map { $0.tightened(by: $1) }
    }
    (self.values, self.errors) = (values, errors)
    reals = zip(values, errors).map { $0 + $1 }
    errorLength =
      errors.reduce(0) { $0 + $1.magnitude * $1.magnitude }.squareRoot()
      * (1 + roundingShare(count))
  }

  /// What the root of variance and epsilon is at least.
  func leastLength(_ distances: [Interval], _ epsilon: Double) -> Double {
    let squares = distances.reduce(0) { sum, distance in
      let nearest = distance.contains(0) ? 0 : min(abs(distance.lower), abs(distance.upper))
      return sum + nearest * nearest
    }
    let variance = squares / Double(distances.count) + epsilon
    return variance.squareRoot() * (1 - roundingShare(distances.count))
  }
}
