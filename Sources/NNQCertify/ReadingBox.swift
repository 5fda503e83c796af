// SPDX-License-Identifier: Apache-2.0
public import NNQFormat

/// The readings that a certificate is about: a range for each feature.
public struct ReadingBox: Equatable, Sendable {
  /// Where a feature's range was taken from.
  public enum Source: String, CaseIterable, Sendable {
    /// The counts that were declared for the sensor.
    case counts
    /// The least and the greatest reading of all training rows.
    case training
    /// Those of the calibration rows in the float model.
    case calibration
    /// The readings that have an input code of their own.
    case codes
    /// The least and the greatest reading of rows that were given.
    case rows
    /// A certificate.
    case certificate
  }

  /// One a feature, in its unit.
  public let ranges: [ClosedRange<Float>]
  /// One a feature.
  public let sources: [Source]
  /// The share of each feature's readings that its range holds at least; nil where the ranges are not
  /// those of rows.
  public let central: Double?

  /// What the models say of each feature's readings: the first of ``Source`` that is there.
  ///
  /// What stands in for a missing reading lies within too.
  /// - Parameters:
  ///   - model: an int8 model.
  ///   - float: the float model that it was made of.
  ///   - central: the share of each feature's readings that its range holds at least, those at both
  ///     ends left out.
  /// - Throws: ``CertificationError/noBox(feature:)`` for a range that binary32 does not hold.
  public init(
    _ model: Int8Model, of float: FloatModel, central: Double = 1
  ) throws(CertificationError) {
    var (ranges, sources): ([ClosedRange<Float>], [Source]) = ([], [])
    for (index, feature) in model.features.enumerated() {
      let ends: (Double, Double)
      if let statistics = model.statistics ?? float.statistics {
        let quantiles = statistics.quantiles[index]
        let below = statistics.probabilities.lastIndex { $0 <= (1 - central) / 2 } ?? 0
        let above =
          statistics.probabilities.firstIndex { $0 >= (1 + central) / 2 } ?? quantiles.count - 1
        ends = (Double(quantiles[below]), Double(quantiles[above]))
        sources.append(.training)
      } else if let rows = float.calibration {
        ends = Self.ends(rows.readings, index, of: model.features.count, central)
        sources.append(.calibration)
      } else {
        let (input, codes) = (model.input[index], model.image.inputWidth.range)
        ends = (
          input.offset + Double(codes.lowerBound - Int(input.zeroPoint)) / input.inverseScale,
          input.offset + Double(codes.upperBound - Int(input.zeroPoint)) / input.inverseScale
        )
        sources.append(.codes)
      }
      ranges.append(try Self.range(ends, feature))
    }
    (self.ranges, self.sources) = (ranges, sources)
    self.central = sources.contains(.codes) ? nil : central
  }

  /// The smallest box that holds rows, or the central share of each feature's readings.
  ///
  /// - Shape: `readings` is `[rows][features]`, at least one row, none missing.
  /// - Throws: ``CertificationError/noBox(feature:)`` for readings that are no finite numbers.
  public init(
    holding readings: [Float], features: [Feature], central: Double = 1
  ) throws(CertificationError) {
    var ranges: [ClosedRange<Float>] = []
    for (index, feature) in features.enumerated() {
      ranges.append(
        try Self.range(Self.ends(readings, index, of: features.count, central), feature))
    }
    self.ranges = ranges
    sources = features.map { _ in .rows }
    self.central = central
  }

  /// The declared sensor counts; nil where a feature declares none.
  ///
  /// - Throws: ``CertificationError/noBox(feature:)`` for a range that binary32 does not hold.
  public init?(counts features: [Feature]) throws(CertificationError) {
    var ranges: [ClosedRange<Float>] = []
    for feature in features {
      guard let counts = feature.counts else { return nil }
      let ends = [counts.range.lowerBound, counts.range.upperBound].map {
        counts.unitPerCount * Double($0) + counts.zeroValue
      }
      ranges.append(try Self.range((ends[0], ends[1]), feature))
    }
    self.ranges = ranges
    sources = features.map { _ in .counts }
    central = nil
  }

  /// The box of a certificate.
  public init(of certificate: Certificate) {
    ranges = certificate.box
    sources = ranges.map { _ in .certificate }
    central = nil
  }

  /// The ends of the central share of a column; not a number where there are no rows.
  private static func ends(
    _ readings: [Float], _ column: Int, of columns: Int, _ central: Double
  ) -> (Double, Double) {
    let own = stride(from: column, to: readings.count, by: columns).map { readings[$0] }.sorted()
    guard let first = own.first, let last = own.last else { return (.nan, .nan) }
    guard central < 1, !first.isNaN, !last.isNaN else { return (Double(first), Double(last)) }
    let most = Double(own.count - 1)
    let below = Int((most * (1 - central) / 2).rounded(.down))
    let above = Int((most * (1 + central) / 2).rounded(.up))
    return (Double(own[max(below, 0)]), Double(own[min(above, own.count - 1)]))
  }

  private static func range(
    _ ends: (Double, Double), _ feature: Feature
  ) throws(CertificationError) -> ClosedRange<Float> {
    let values = [ends.0, ends.1] + (feature.replacement.map { [$0] } ?? [])
    let readings = values.map { Float($0) }
    guard readings.allSatisfy(\.isFinite), let low = readings.min(), let high = readings.max()
    else { throw .noBox(feature: feature.name) }
    // Zero has one form in a file.
    return (low == 0 ? 0 : low)...(high == 0 ? 0 : high)
  }
}
