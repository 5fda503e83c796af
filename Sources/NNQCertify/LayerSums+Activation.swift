// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQReference

extension LayerSums {
  /// What both layers hand on.
  ///
  /// - Parameters:
  ///   - function: of the float layer.
  ///   - segments: what the integer layer makes of its sums.
  ///   - codes: the integer layer's requantized codes before the clamp, with what they stand for.
  ///   - handedOn: the codes that it hands on, with what they stand for.
  func activated(
    _ function: Activation, _ segments: OutputSegments,
    codes: (ranges: [ClosedRange<Int>], meaning: CodeMeaning),
    handedOn: (ranges: [ClosedRange<Int>], meaning: CodeMeaning)
  ) -> TensorEnclosure {
    var (outputs, differences): ([Interval], [Interval]) = ([], [])
    var (valueLines, errorLines): ([Relaxation], [Relaxation]) = ([], [])
    var rounded: [Double] = []
    for unit in values.indices {
      // The three are known each on its own, and each follows from the two others.
      let sums = codes.meaning.reals(codes.ranges[unit], unit: unit)
        .tightened(by: values[unit] + errors[unit])
      let value = values[unit].tightened(by: sums - errors[unit])
      let error = errors[unit].tightened(by: sums - value)
      let slack = function.binary32Slack(over: value)
      let output = function.values(over: value).widened(by: slack)
      let (difference, line) = segments.error(
        function, values: value, errors: error, sums: sums)
      let reals = handedOn.meaning.reals(handedOn.ranges[unit], unit: unit)
      outputs.append(output)
      differences.append(difference.widened(by: slack).tightened(by: reals - output))
      valueLines.append(Relaxation(function, over: value))
      errorLines.append(line)
      rounded.append(slack)
    }
    var tensor = TensorEnclosure(
      meaning: handedOn.meaning, values: outputs, errors: differences, forms: nil)
    guard var joint = forms else { return tensor }
    joint.bend(valueLines, errorLines, rounding: rounding, slack: rounded)
    joint.tighten(&tensor.values, &tensor.errors)
    tensor.forms = joint
    return tensor
  }
}

extension Activation {
  /// What the float function's value in binary32 is off by: the rounding, and that of binary64 before.
  func binary32Slack(over x: Interval) -> Double {
    switch self {
    case .identity, .relu: 0
    default: values(over: x).magnitude * 0x1.01p-24 + 0x1p-149
    }
  }
}

extension JointForms {
  /// Puts each number through its line, with a new symbol for what is off it.
  ///
  /// - Parameters:
  ///   - rounding: what the errors miss by rounding to codes.
  ///   - slack: what each value handed on is rounded by, on either side.
  fileprivate mutating func bend(
    _ valueLines: [Relaxation], _ errorLines: [Relaxation], rounding: Double, slack: [Double]
  ) {
    values.scale(by: valueLines.map(\.slope))
    values.add(valueLines.map(\.center))
    values.signal.append(diagonal: valueLines.map(\.radius))
    values.slack = zip(values.slack, slack).map { ($0 + $1).nextUp }

    errors.scale(by: errorLines.map(\.slope))
    errors.add(errorLines.map(\.center))
    errors.signal.widen(to: values.signal.columns)
    errors.noise.append(
      diagonal: errorLines.map { ($0.radius + abs($0.slope) * rounding).nextUp })
    errors.slack = zip(errors.slack, slack).map { ($0 + $1).nextUp }
  }

  /// Tightens intervals by the forms.
  func tighten(_ values: inout [Interval], _ errors: inout [Interval]) {
    for (index, bounds) in self.values.bounds.enumerated() {
      values[index] = values[index].tightened(by: bounds)
    }
    for (index, bounds) in self.errors.bounds.enumerated() {
      errors[index] = errors[index].tightened(by: bounds)
    }
  }
}
