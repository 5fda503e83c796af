// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQReference

/// The two factors of a gate in both networks: the function of the first half of the input, and the
/// second half. The integer layer's sum is the product of what both stand for.
struct GateHalves: Sendable {
  let first: TensorEnclosure
  let second: TensorEnclosure
  /// What one code that is handed on stands for.
  let step: Double

  /// - Parameters:
  ///   - codes: that the input can hold.
  ///   - step: what one code that is handed on stands for.
  /// - Returns: nil where the halves are not of one scale, or their zero points are not the gate's.
  init?(
    _ gate: FlatImage.Layer.Gate, _ layer: FlatImage.Layer, _ function: Activation,
    _ input: TensorEnclosure, codes: [ClosedRange<Int>], width: CodeWidth, step: Double
  ) {
    let (scale, zero, half) = (input.meaning.scales[0], input.meaning.zeroPoints[0], layer.outputs)
    guard input.meaning.scales.allSatisfy({ $0 == scale }),
      input.meaning.zeroPoints.allSatisfy({ $0 == zero }),
      input.meaning.shifts.allSatisfy({ $0 == 0 }), Int(gate.secondZeroPoint) == zero,
      layer.table != nil || Int(gate.firstZeroPoint) == zero && function == .identity
    else { return nil }
    self.step = step
    second = input.taken(half..<2 * half)
    // With this scale of the first factor the product has the scale of what is handed on.
    let firstScale = step * gate.factor.real / scale
    let made = layer.table.map { table in
      { (code: Int) -> Int in Int(table.code(Int16(code), as: table.width)) }
    }
    let segments = OutputSegments(
      codes: width.range.lowerBound...width.range.upperBound, zero: zero, step: scale, function,
      table: made, width: width, scale: firstScale, zeroPoint: Int(gate.firstZeroPoint))
    let taken = input.taken(0..<half)
    let sums = LayerSums(
      values: taken.values, errors: taken.errors, forms: taken.forms, rounding: 0,
      reach: taken.values.map(\.magnitude))
    let own = Array(codes[0..<half])
    first = sums.activated(
      function, segments, codes: (own, taken.meaning),
      handedOn: (
        own.map { layer.table?.range($0, as: width) ?? $0 },
        CodeMeaning(scale: firstScale, zeroPoint: Int(gate.firstZeroPoint), count: half)
      ))
  }
}

extension TensorEnclosure {
  /// The units of a range.
  fileprivate func taken(_ range: Range<Int>) -> TensorEnclosure {
    TensorEnclosure(
      meaning: CodeMeaning(
        scales: Array(meaning.scales[range]), zeroPoints: Array(meaning.zeroPoints[range]),
        shifts: Array(meaning.shifts[range])),
      values: Array(values[range]), errors: Array(errors[range]),
      forms: forms.map {
        JointForms(values: $0.values.taken(range), errors: $0.errors.taken(range))
      })
  }
}

extension LayerSums {
  /// The products of a gate: `(p + a)(g + b) - p g = p b + a g + a b` for errors a and b of its factors.
  init(_ halves: GateHalves) {
    let (first, second) = (halves.first, halves.second)
    rounding = (halves.step / 2).nextUp
    (values, errors, reach) = ([], [], [])
    var slacks: (value: [Double], error: [Double]) = ([], [])
    for unit in first.values.indices {
      let (p, a) = (first.values[unit], first.errors[unit])
      let (g, b) = (second.values[unit], second.errors[unit])
      let product = p * g
      // One product of binary32; the scale of the first factor is rounded in binary64.
      let binary32 = product.magnitude * 0x1.01p-24 + 0x1p-149
      let rounded =
        roundingShare(8) * (p.magnitude + a.magnitude) * (g.magnitude + b.magnitude) + underflow
      values.append(product.widened(by: binary32))
      errors.append((p * b + a * g + a * b).widened(by: binary32 + rounded + rounding))
      reach.append(product.magnitude * (1 + 0x1p-20))
      slacks.value.append(binary32.nextUp)
      slacks.error.append((binary32 + rounded).nextUp)
    }
    guard let p = first.forms, let g = second.forms else { return }
    var joint = JointForms(
      values: p.values.product(g.values), errors: p.values.product(g.errors))
    joint.errors.add(p.errors.product(g.values))
    joint.errors.add(p.errors.product(g.errors))
    joint.values.slack = zip(joint.values.slack, slacks.value).map { ($0 + $1).nextUp }
    joint.errors.slack = zip(joint.errors.slack, slacks.error).map { ($0 + $1).nextUp }
    forms = joint
    tighten()
  }
}

extension AffineForms {
  /// The products number by number: linear in both, and what both are off their centers by is slack.
  fileprivate func product(_ other: AffineForms) -> AffineForms {
    var (left, right) = (self, other)
    let rest = zip(radii, other.radii).map { ($0 * $1).nextUp }
    left.scale(by: other.centers)
    right.scale(by: centers)
    left.add(right)
    // Both halves hold the product of the centers.
    left.add(zip(centers, other.centers).map { -($0 * $1) })
    for unit in 0..<count {
      let centers = abs(centers[unit] * other.centers[unit])
      left.slack[unit] = (left.slack[unit] + rest[unit] + roundingShare(1) * centers).nextUp
    }
    return left
  }
}
