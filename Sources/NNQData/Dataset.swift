// SPDX-License-Identifier: Apache-2.0

/// A table of sensor readings: feature columns as numbers, target columns as numbers and labels.
///
/// A reading is a binary32: text is rounded to binary64 and from there to binary32.
public struct Dataset: Sendable {
  /// A column that a model is to predict.
  public struct Target: Sendable {
    public var name: String
    /// One a row; NaN where the cell is not a number.
    public var values: [Float]
    /// The index into ``vocabulary`` of each row; nil when the column has more distinct cells than
    /// ``vocabularyLimit`` (a regression target) .
    public var labels: [Int32]?
    /// The distinct cells in order of first appearance. A whole number is written without a
    /// fraction (`1.0` and `1` are the same label).
    public var vocabulary: [String]
    /// Every cell is a finite number.
    public var isNumeric: Bool

    public static let vocabularyLimit = 4096

    public init(
      name: String, values: [Float], labels: [Int32]?, vocabulary: [String], isNumeric: Bool
    ) {
      self.name = name
      self.values = values
      self.labels = labels
      self.vocabulary = vocabulary
      self.isNumeric = isNumeric
    }
  }

  public var featureNames: [String]
  public var rows: Int
  /// `[rows][featureNames.count]` in the sensors' units; NaN where a reading is missing.
  public var readings: [Float]
  public var targets: [Target]

  public init(featureNames: [String], rows: Int, readings: [Float], targets: [Target]) {
    precondition(readings.count == rows * featureNames.count)
    self.featureNames = featureNames
    self.rows = rows
    self.readings = readings
    self.targets = targets
  }
}
