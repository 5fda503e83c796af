// SPDX-License-Identifier: Apache-2.0

/// What both networks compute in a layer before clamp, table and function.
struct LayerSums: Sendable {
  /// The float layer's sums, as binary32 adds them up in any order.
  var values: [Interval]
  /// The integer layer's sums, rounded to codes but not clamped, less those.
  var errors: [Interval]
  /// Without the rounding to codes.
  var forms: JointForms?
  /// What rounding to a code adds at most: half of what a requantized code stands for.
  var rounding: Double
  /// What no partial sum of binary32 passes in size.
  var reach: [Double]
}

extension LayerSums {
  /// The sums of rows: by intervals, then by forms where there are some; of each end the tighter.
  init(_ rows: LinearRows, _ input: TensorEnclosure) {
    let (inputs, outputs) = (rows.inputs, rows.outputs)
    rounding = (rows.step / 2).nextUp
    (values, errors, reach) = ([], [], [])
    let share = roundingShare(2 * inputs + 2)
    let float = binary32Share(inputs + 1)
    var slacks: (value: [Double], error: [Double]) = ([], [])
    for row in 0..<outputs {
      var (low, high, size) = (rows.bias[row], rows.bias[row], abs(rows.bias[row]))
      let offset = rows.codedBias[row] - rows.bias[row]
      var (least, most) = (offset, offset)
      var errorSize = abs(rows.codedBias[row]) + abs(rows.bias[row])
      for index in 0..<inputs {
        let (value, error) = (input.values[index], input.errors[index])
        let weight = rows.weights[row * inputs + index]
        let coded = rows.coded[row * inputs + index]
        let difference = coded - weight
        low += weight * (weight < 0 ? value.upper : value.lower)
        high += weight * (weight < 0 ? value.lower : value.upper)
        size += abs(weight) * value.magnitude
        least +=
          coded * (coded < 0 ? error.upper : error.lower)
          + difference * (difference < 0 ? value.upper : value.lower)
        most +=
          coded * (coded < 0 ? error.lower : error.upper)
          + difference * (difference < 0 ? value.lower : value.upper)
        errorSize += abs(coded) * error.magnitude + (abs(coded) + abs(weight)) * value.magnitude
      }
      let exact = share * size + underflow
      let binary32 = float * size * (1 + share) + Double(inputs + 1) * 0x1p-149
      let rounded = share * errorSize + rows.codedSlack[row] + underflow
      values.append(Interval(low, high).widened(by: exact + binary32))
      errors.append(Interval(least, most).widened(by: rounded + binary32 + rounding))
      reach.append(size * (1 + float) * (1 + share))
      slacks.value.append(binary32.nextUp)
      slacks.error.append((rounded + binary32).nextUp)
    }
    if let joint = input.forms {
      forms = JointForms(joint, rows, slacks)
      tighten()
    }
  }

  /// Takes the tighter of the intervals and the forms, at each end.
  mutating func tighten() {
    guard let forms else { return }
    for (index, bounds) in forms.values.bounds.enumerated() {
      values[index] = values[index].tightened(by: bounds)
    }
    for (index, bounds) in forms.errors.bounds.enumerated() {
      errors[index] = errors[index].tightened(by: bounds.widened(by: rounding))
    }
  }
}

/// What a sum of so many products in binary32 misses, in any order and with fused operations, as a
/// share of the sum of their sizes.
///
/// - Range: at most 65,536 terms.
func binary32Share(_ terms: Int) -> Double {
  let rounded = Double(terms) * 0x1p-24
  return rounded / (1 - rounded) * (1 + 0x1p-40)
}

extension JointForms {
  fileprivate init(
    _ input: JointForms, _ rows: LinearRows, _ slacks: (value: [Double], error: [Double])
  ) {
    var values = input.values.multiplied(by: rows.weights, outputs: rows.outputs)
    values.add(rows.bias)
    var errors = input.errors.multiplied(by: rows.coded, outputs: rows.outputs)
    errors.add(
      input.values.multiplied(
        by: zip(rows.coded, rows.weights).map { $0 - $1 }, outputs: rows.outputs))
    errors.add(zip(rows.codedBias, rows.bias).map { $0 - $1 })
    values.slack = zip(values.slack, slacks.value).map { ($0 + $1).nextUp }
    errors.slack = zip(errors.slack, slacks.error).map { ($0 + $1).nextUp }
    self.init(values: values, errors: errors)
  }

  /// Forms of intervals: each has a symbol of its own, none of which another tensor takes.
  ///
  /// - Parameter other: forms of an earlier tensor, behind whose symbols these stand.
  init(of values: [Interval], _ errors: [Interval], behind other: JointForms) {
    func forms(_ intervals: [Interval], signal: Int, noise: Int, isNoise: Bool) -> AffineForms {
      var forms = AffineForms(
        centers: intervals.map(\.center),
        signal: Coefficients(rows: intervals.count, columns: signal),
        noise: Coefficients(rows: intervals.count, columns: noise),
        slack: intervals.map { _ in 0 })
      let radii = intervals.map(\.radius)
      if isNoise {
        forms.noise.append(diagonal: radii)
      } else {
        forms.signal.append(diagonal: radii)
      }
      return forms
    }
    let own = forms(values, signal: other.values.signal.columns, noise: 0, isNoise: false)
    self.init(
      values: own,
      errors: forms(
        errors, signal: own.signal.columns, noise: other.errors.noise.columns, isNoise: true))
  }
}
