// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// The sums of both networks in an add: the float one's is `value + source`, the integer one's, in the
/// float network's units and but for the rounding of the requantized code,
/// `coded * real + sourceCoded * source real + codedBias`.
struct AddRows: Sendable {
  /// One a unit; each within 2^-49 of its share.
  let coded: [Double]
  let sourceCoded: [Double]
  let codedBias: [Double]
  /// What each coded bias may be off by.
  let codedSlack: [Double]
  /// What one requantized code stands for.
  let step: Double

  /// - Parameter step: nil fits it to the gains.
  init(
    _ add: FlatImage.Layer.Add, of taken: CodeMeaning, _ source: CodeMeaning, step given: Double?
  ) {
    let factor = add.factor.real
    let units = taken.scales.map { factor * Double(add.gain) / $0 }
    let sourceUnits = source.scales.map { factor * Double(add.sourceGain) / $0 }
    let all = units + sourceUnits
    let step = given ?? LinearRows.fittedStep(all, all.map { _ in 1 })
    self.step = step
    coded = units.map { $0 * step }
    sourceCoded = sourceUnits.map { $0 * step }
    var (codedBias, codedSlack): ([Double], [Double]) = ([], [])
    for unit in units.indices {
      let whole =
        Int(add.bias) + Int(add.gain) * taken.zeroPoints[unit]
        + Int(add.sourceGain) * source.zeroPoints[unit]
      let own = factor * Double(whole) * step
      let shifts = (coded[unit] * taken.shifts[unit], sourceCoded[unit] * source.shifts[unit])
      codedBias.append(own - shifts.0 - shifts.1)
      codedSlack.append(
        roundingShare(4) * (abs(own) + abs(shifts.0) + abs(shifts.1)) + underflow)
    }
    (self.codedBias, self.codedSlack) = (codedBias, codedSlack)
  }
}

extension LayerSums {
  /// The sums of an add: by intervals, then by forms where both tensors have some.
  init(_ rows: AddRows, _ input: TensorEnclosure, _ source: TensorEnclosure) {
    rounding = (rows.step / 2).nextUp
    (values, errors, reach) = ([], [], [])
    var slacks: (value: [Double], error: [Double]) = ([], [])
    for unit in rows.coded.indices {
      let (value, other) = (input.values[unit], source.values[unit])
      let (coded, sourceCoded) = (rows.coded[unit], rows.sourceCoded[unit])
      let sum = value + other
      let size = value.magnitude + other.magnitude
      // One sum of binary32.
      let binary32 = size * 0x1.01p-24 + 0x1p-149
      let differences = (coded - 1) * value + (sourceCoded - 1) * other
      let error =
        coded * input.errors[unit] + sourceCoded * source.errors[unit] + differences
        + Interval(rows.codedBias[unit])
      let errorSize =
        (abs(coded) + 1) * value.magnitude + (abs(sourceCoded) + 1) * other.magnitude
        + abs(coded) * input.errors[unit].magnitude
        + abs(sourceCoded) * source.errors[unit].magnitude
      let rounded = roundingShare(4) * errorSize + rows.codedSlack[unit]
      values.append(sum.widened(by: binary32))
      errors.append(error.widened(by: rounded + binary32 + rounding))
      reach.append(size * (1 + 0x1p-20))
      slacks.value.append(binary32.nextUp)
      slacks.error.append((rounded + binary32).nextUp)
    }
    guard let forms = input.forms, let sourceForms = source.forms else { return }
    var joint = forms
    joint.values.add(sourceForms.values)
    func scaled(_ forms: AffineForms, _ factors: [Double]) -> AffineForms {
      var forms = forms
      forms.scale(by: factors)
      return forms
    }
    joint.errors = scaled(forms.errors, rows.coded)
    joint.errors.add(scaled(sourceForms.errors, rows.sourceCoded))
    joint.errors.add(scaled(forms.values, rows.coded.map { $0 - 1 }))
    joint.errors.add(scaled(sourceForms.values, rows.sourceCoded.map { $0 - 1 }))
    joint.errors.add(rows.codedBias)
    joint.values.slack = zip(joint.values.slack, slacks.value).map { ($0 + $1).nextUp }
    joint.errors.slack = zip(joint.errors.slack, slacks.error).map { ($0 + $1).nextUp }
    self.forms = joint
    tighten()
  }
}
