// SPDX-License-Identifier: Apache-2.0

/// A feedforward network in binary32 with all that is needed to use and to quantize it.
public struct FloatModel: Equatable, Sendable {
  public var layers: [Layer]
  /// One a network input. The network's input is `(reading - offset) / scale`.
  public var features: [Feature]
  public var task: ModelTask
  /// What all training rows looked like, for the quantizer's ranges and for drift.
  public var statistics: FeatureStatistics?
  /// Training rows that a quantizer calibrates with.
  public var calibration: CalibrationRows?
  public var provenance: Provenance
  /// Ignorable sections that this version does not know, kept so that writing gives the same bytes.
  package var unknownSections: [Section] = []

  public init(
    layers: [Layer], features: [Feature], task: ModelTask, statistics: FeatureStatistics? = nil,
    calibration: CalibrationRows? = nil, provenance: Provenance = Provenance()
  ) {
    self.layers = layers
    self.features = features
    self.task = task
    self.statistics = statistics
    self.calibration = calibration
    self.provenance = provenance
  }

  public var inputs: Int { layers.first?.inputs ?? 0 }
  public var outputs: Int { layers.last?.outputs ?? 0 }
}
