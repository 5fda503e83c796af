// SPDX-License-Identifier: Apache-2.0

/// One column of sensor readings that a model takes in.
public struct Feature: Equatable, Sendable {
  /// The column's name, not empty; each name stands once in a model.
  public var name: String
  /// The unit of a reading, for example `degC`; empty when it is not known.
  public var unit: String
  /// What is taken off a reading: the mean of the training rows, in ``unit``.
  public var offset: Double
  /// What the difference is divided by: the standard deviation of the training rows or what stands
  /// for it, in ``unit``; finite and above 0.
  public var scale: Double
  /// The reading that stands in for a missing one, in ``unit``; nil when a missing one is an error.
  public var replacement: Double?
  /// How the sensor counts, when a device hands over raw counts.
  public var counts: SensorCounts?

  public init(
    name: String, unit: String = "", offset: Double = 0, scale: Double = 1,
    replacement: Double? = nil, counts: SensorCounts? = nil
  ) {
    self.name = name
    self.unit = unit
    self.offset = offset
    self.scale = scale
    self.replacement = replacement
    self.counts = counts
  }
}

/// How an integer sensor count stands for a reading: `reading = unitPerCount * count + zeroValue`.
public struct SensorCounts: Equatable, Sendable {
  /// The step of one count in the feature's unit; finite and above 0.
  public var unitPerCount: Double
  /// The reading at count 0, in the feature's unit.
  public var zeroValue: Double
  /// The counts that the sensor can give.
  public var range: ClosedRange<Int32>

  public init(unitPerCount: Double, zeroValue: Double = 0, range: ClosedRange<Int32>) {
    self.unitPerCount = unitPerCount
    self.zeroValue = zeroValue
    self.range = range
  }
}
