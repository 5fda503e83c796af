// SPDX-License-Identifier: Apache-2.0
import NNQFormat

extension TensorEnclosure {
  /// The networks' input for every row of a box: the standardized readings, and the input codes that a
  /// host makes of the same readings.
  init(box: [ClosedRange<Float>], of model: Int8Model) {
    let width = model.image.inputWidth
    var (scales, shifts): ([Double], [Double]) = ([], [])
    for (input, feature) in zip(model.input, model.features) {
      scales.append(1 / (input.inverseScale * feature.scale))
      shifts.append((input.offset - feature.offset) / feature.scale)
    }
    meaning = CodeMeaning(
      scales: scales, zeroPoints: model.input.map { Int($0.zeroPoint) }, shifts: shifts)
    (values, errors) = ([], [])
    var linear = AffineForms(
      centers: [], signal: Coefficients(rows: 0, columns: 0),
      noise: Coefficients(rows: box.count, columns: 0), slack: [])
    var reaches: [Double] = []
    for (index, range) in box.enumerated() {
      let (input, feature) = (model.input[index], model.features[index])
      let ends = [range.lowerBound, range.upperBound].map {
        (Double($0) - feature.offset) / feature.scale
      }
      // In binary64 three operations, then one rounding to binary32.
      let size = max(abs(ends[0]), abs(ends[1])) + abs(feature.offset / feature.scale) * 0x1p-28
      let slack = size * 0x1.01p-24 + 0x1p-149
      let value = Interval(ends[0], ends[1]).widened(by: slack)
      values.append(value)
      let exact = Interval(ends[0], ends[1])
      linear.centers.append(exact.center)
      reaches.append(exact.radius)
      linear.slack.append(slack)

      let codes = model.codes(range, feature: index)
      errors.append(
        meaning.error(
          of: index, readings: range, codes: codes, value: value, of: feature, input, width))
    }
    linear.signal = Coefficients(diagonal: reaches)
    let noise = AffineForms(
      centers: errors.map(\.center),
      signal: Coefficients(rows: box.count, columns: linear.signal.columns),
      noise: Coefficients(diagonal: errors.map(\.radius)),
      slack: [Double](repeating: 0, count: box.count))
    forms = JointForms(values: linear, errors: noise)
  }
}

extension CodeMeaning {
  /// What a feature's codes stand for less its standardized readings.
  fileprivate func error(
    of unit: Int, readings: ClosedRange<Float>, codes: ClosedRange<Int>, value: Interval,
    of feature: Feature, _ input: Int8Model.Input, _ width: CodeWidth
  ) -> Interval {
    let half = scales[unit] / 2
    let distance = max(
      abs(Double(readings.lowerBound) - input.offset),
      abs(Double(readings.upperBound) - input.offset))
    // Three roundings of the code's formula and those of the scale and the shift, in binary64.
    let rounding = 0x1p-48 * (distance / feature.scale + abs(shifts[unit]) + half)
    let ends = reals(width.range.lowerBound...width.range.upperBound, unit: unit)
    // A reading beyond the codes is off by as far as it lies outside.
    let above = max(0, (value.upper + half - ends.upper).nextUp)
    let below = max(0, (ends.lower - value.lower + half).nextUp)
    return Interval(-half - above, half + below).widened(by: rounding + value.magnitude * 0x1p-23)
      .tightened(by: reals(codes, unit: unit) - value)
  }
}

extension Int8Model {
  /// The input codes of a feature's readings, which rise with the reading.
  func codes(_ readings: ClosedRange<Float>, feature: Int) -> ClosedRange<Int> {
    let width = image.inputWidth
    return Int(
      input[feature].code(readings.lowerBound, width))...Int(
        input[feature].code(readings.upperBound, width))
  }

  /// The input codes of every feature.
  func codes(_ box: [ClosedRange<Float>]) -> [ClosedRange<Int>] {
    box.indices.map { codes(box[$0], feature: $0) }
  }
}
