// SPDX-License-Identifier: Apache-2.0
import CNNQVector
import NNQFormat

/// How the network's input is written in codes: `standardized = scale * (code - zeroPoint) + shift`
/// for each feature.
struct InputScales: Equatable, Sendable {
  struct Element: Equatable, Sendable {
    let codes: AffineCodes
    /// Codes per unit of a reading.
    let inverseScale: Double
    /// The standardized value of the code `zeroPoint`; not 0 only where a sensor counts.
    let shift: Double
    /// The reading of the code `zeroPoint`, in the feature's unit.
    let offset: Double
    /// The count of the code `zeroPoint`, where the sensor counts.
    let countOffset: Int32?
  }

  let elements: [Element]

  /// - Parameters:
  ///   - scheme: not auto.
  ///   - margin: the factor on the range.
  ///   - rule: how the range follows from the calibration rows.
  init(
    _ model: FloatModel, _ pass: CalibrationPass, scheme: QuantizationSettings.InputScale,
    width: CodeWidth, margin: Double, rule: QuantizationSettings.Ranges
  ) {
    let ranges = model.features.indices.map { Self.range(of: $0, model, pass, rule, width) }
    let union =
      (ranges.map(\.lowerBound).min() ?? 0)...(ranges.map(\.upperBound).max() ?? 0)
    // What is rare among all values need not be rare in its feature.
    let all =
      rule.clips
      ? rule.range(pass.inputs, extremes: union, width: width).covering(0...0) : union
    elements = zip(model.features, ranges).map { feature, range in
      let covered =
        switch scheme {
        case .tensor: all
        case .blend: range.clamped(to: all).blended(with: all)
        case .feature, .auto: range
        }
      let codes = AffineCodes(covering: covered.widened(margin), width: width)
      var feature = feature
      // A count is not anchored at the mean, and only a dense layer can take that up.
      if model.sharesInputScale { feature.counts = nil }
      return Self.element(feature, codes)
    }
  }

  /// The standardized range of a feature over all training rows where the model knows it, and over
  /// the calibration rows: 512 rows do not see a rare reading.
  private static func range(
    of index: Int, _ model: FloatModel, _ pass: CalibrationPass,
    _ rule: QuantizationSettings.Ranges, _ width: CodeWidth
  ) -> ClosedRange<Double> {
    let feature = model.features[index]
    let seen = rule.range(
      Rows(columns: 1, values: pass.inputs.map { $0[index] }),
      extremes: pass.inputRanges[index], width: width)
    var low = min(seen.lowerBound, 0)
    var high = max(seen.upperBound, 0)
    // A rule that clips what it saw is not to be overruled by what it did not see.
    if !rule.clips, let quantiles = model.statistics?.quantiles[index],
      let least = quantiles.first,
      let most = quantiles.last
    {
      low = min(low, (Double(least) - feature.offset) / feature.scale)
      high = max(high, (Double(most) - feature.offset) / feature.scale)
    }
    return low...high
  }

  /// The standardized values that the codes reach, over all features.
  var standardizedRange: ClosedRange<Double> {
    let low = elements.map { $0.codes.real($0.codes.width.range.lowerBound) + $0.shift }
    let high = elements.map { $0.codes.real($0.codes.width.range.upperBound) + $0.shift }
    return (low.min() ?? 0)...(high.max() ?? 0)
  }

  /// `[rows][features]`, readings in codes.
  func codes(_ readings: Rows<Float>, _ width: CodeWidth) -> Rows<Int16> {
    let offsets = elements.map(\.offset)
    let inverses = elements.map(\.inverseScale)
    let zeroPoints = elements.map { Int32($0.codes.zeroPoint) }
    let (rows, range) = (readings.count, width.range)
    let made = unsafe [Int16](unsafeUninitializedCapacity: readings.values.count) { codes, count in
      unsafe readings.values.withUnsafeBufferPointer { readings in
        unsafe offsets.withUnsafeBufferPointer { offsets in
          unsafe inverses.withUnsafeBufferPointer { inverses in
            unsafe zeroPoints.withUnsafeBufferPointer { zeroPoints in
              if let readings = readings.baseAddress, let offsets = offsets.baseAddress,
                let inverses = inverses.baseAddress, let zeroPoints = zeroPoints.baseAddress,
                let codes = codes.baseAddress
              {
                unsafe nnq_input_codes(
                  readings, rows, elements.count, offsets, inverses, zeroPoints,
                  Int32(range.lowerBound), Int32(range.upperBound), codes)
              }
            }
          }
        }
      }
      count = readings.values.count
    }
    return Rows(columns: readings.columns, values: made)
  }

  /// `[rows]`, whether some code of a row is more than a step away from its value.
  func clippedRows(
    _ codes: Rows<Int16>, _ standardized: Rows<Float>, _ width: CodeWidth
  ) -> [Bool] {
    let lowest = Int16(width.range.lowerBound)
    let highest = Int16(width.range.upperBound)
    var clipped = [Bool](repeating: false, count: codes.count)
    for (place, code) in codes.values.enumerated() where code == lowest || code == highest {
      let element = elements[place % codes.columns]
      let real = element.codes.real(Int(code)) + element.shift
      if abs(real - Double(standardized.values[place])) > element.codes.scale {
        clipped[place / codes.columns] = true
      }
    }
    return clipped
  }

  /// The rules that a host follows.
  var hostRules: [Int8Model.Input] {
    elements.map {
      Int8Model.Input(
        offset: $0.offset, inverseScale: $0.inverseScale, zeroPoint: Int32($0.codes.zeroPoint))
    }
  }

  /// The rules that a device follows for raw counts; nil unless every feature is a sensor count.
  ///
  /// - Throws: ``QuantizationError/featureOutOfRange(feature:)``.
  func countRules(_ features: [Feature]) throws(QuantizationError) -> [FlatImage.Count]? {
    var rules: [FlatImage.Count] = []
    for (element, feature) in zip(elements, features) {
      guard let counts = feature.counts, let offset = element.countOffset else { return nil }
      // The device subtracts the offset in 32 bits.
      let reach = max(
        Int64(counts.range.upperBound) - Int64(offset),
        Int64(offset) - Int64(counts.range.lowerBound))
      guard reach <= Int32.max,
        let factor = FixedPointMultiplier(counts.unitPerCount * element.inverseScale)
      else {
        throw .featureOutOfRange(feature: feature.name)
      }
      rules.append(
        FlatImage.Count(
          range: counts.range, offset: offset, factor: factor,
          zeroPoint: Int16(element.codes.zeroPoint)))
    }
    return rules
  }

  private static func element(_ feature: Feature, _ codes: AffineCodes) -> Element {
    let inverseScale = 1 / (codes.scale * feature.scale)
    guard let counts = feature.counts else {
      return Element(
        codes: codes, inverseScale: inverseScale, shift: 0, offset: feature.offset,
        countOffset: nil)
    }
    // A count is an integer, so the anchor is the count nearest to the mean; what is left over
    // goes into the first layer's bias.
    let exact = (feature.offset - counts.zeroValue) / counts.unitPerCount
    let bounded = min(
      max(exact.rounded(), Double(counts.range.lowerBound)), Double(counts.range.upperBound))
    let offset = bounded * counts.unitPerCount + counts.zeroValue
    return Element(
      codes: codes, inverseScale: inverseScale, shift: (offset - feature.offset) / feature.scale,
      offset: offset,
      countOffset: Int32(bounded))
  }
}

extension ClosedRange<Double> {
  /// The range stretched so that its reach is the geometric mean of its own and that of `all`, which
  /// it does not leave. A range without reach takes a sixty-fourth of `all`'s as its own.
  fileprivate func blended(with all: Self) -> Self {
    let widest = Swift.max(-all.lowerBound, all.upperBound)
    let own = Swift.max(-lowerBound, upperBound)
    guard widest > 0 else { return self }
    let reach = Swift.max(own, widest / 64)
    let blended = (reach * widest).squareRoot()
    guard own > 0 else { return (-blended...blended).clamped(to: all) }
    return (lowerBound / own * blended...upperBound / own * blended).clamped(to: all)
  }
}

extension FloatModel {
  /// Whether some layer but a dense one takes in the network's input: all features then share one
  /// scale and zero point, and none is declared as counts.
  var sharesInputScale: Bool {
    layers.enumerated().contains { index, layer in
      if case .add(source: 0) = layer.operation { return true }
      return index == 0 && layer.operation.kind != .dense
    }
  }
}
