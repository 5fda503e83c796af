// SPDX-License-Identifier: Apache-2.0
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
  ///   - scheme: one scale a feature or one for all; not auto.
  ///   - margin: the factor on the range.
  init(
    _ model: FloatModel, _ pass: CalibrationPass, scheme: QuantizationSettings.InputScale,
    width: CodeWidth, margin: Double
  ) {
    let ranges = model.features.indices.map { Self.range(of: $0, model, pass) }
    let all =
      (ranges.map(\.lowerBound).min() ?? 0)...(ranges.map(\.upperBound).max() ?? 0)
    elements = zip(model.features, ranges).map { feature, range in
      let codes = AffineCodes(
        covering: (scheme == .tensor ? all : range).widened(margin), width: width)
      var feature = feature
      // A count is not anchored at the mean, and only a dense layer can take that up.
      if model.sharesInputScale { feature.counts = nil }
      return Self.element(feature, codes)
    }
  }

  /// The standardized range of a feature over all training rows where the model knows it, and over
  /// the calibration rows: 512 rows do not see a rare reading.
  private static func range(
    of index: Int, _ model: FloatModel, _ pass: CalibrationPass
  ) -> ClosedRange<Double> {
    let feature = model.features[index]
    var low = 0.0
    var high = 0.0
    for row in pass.inputs {
      low = min(low, Double(row[index]))
      high = max(high, Double(row[index]))
    }
    if let quantiles = model.statistics?.quantiles[index], let least = quantiles.first,
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
