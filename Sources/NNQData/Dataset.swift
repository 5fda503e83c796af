// SPDX-License-Identifier: Apache-2.0

/// A table of sensor readings: feature columns as numbers, target columns as numbers and labels.
///
/// A reading is a binary32: text is rounded to binary64 and from there to binary32.
public struct Dataset: Equatable, Sendable {
  /// A column that a model is to predict.
  public struct Target: Equatable, Sendable {
    /// The name of the column.
    public var name: String
    /// One a row; NaN where the cell is not a number.
    public var values: [Float]
    /// The index into ``vocabulary`` of each row; nil when the column has more distinct cells than
    /// ``vocabularyLimit`` (a regression target).
    public var labels: [Int32]?
    /// The distinct cells in order of first appearance. A whole number is written without a
    /// fraction (`1.0` and `1` are the same label); from 2^53 on, and where zeros pad a number, the
    /// text counts (`01` and `1` are two).
    public var vocabulary: [String]
    /// Every cell is a finite number.
    public var isNumeric: Bool

    /// The most distinct cells that become labels.
    public static let vocabularyLimit = 4096

    /// A column with its cells as numbers and as labels.
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

  /// A column that says which rows belong together, for example those of one machine.
  public struct Group: Equatable, Sendable {
    /// The name of the column.
    public var name: String
    /// The index into ``vocabulary`` of each row.
    public var labels: [Int32]
    /// The distinct cells in order of first appearance.
    public var vocabulary: [String]

    /// A column with its cells as labels.
    public init(name: String, labels: [Int32], vocabulary: [String]) {
      self.name = name
      self.labels = labels
      self.vocabulary = vocabulary
    }
  }

  /// A column of categories as features of 0 and 1.
  public struct Category: Equatable, Sendable {
    /// The name of the column.
    public var name: String
    /// Its distinct cells, numbers by value, then texts by their characters.
    public var values: [String]
    /// The features of the values, named ``CategoryName``.
    public var features: Range<Int>

    /// A column with its values and their features.
    public init(name: String, values: [String], features: Range<Int>) {
      self.name = name
      self.values = values
      self.features = features
    }
  }

  /// The names of the features in the order of ``readings``.
  public var featureNames: [String]
  /// The number of rows.
  public var rows: Int
  /// `[rows][featureNames.count]` in the sensors' units; NaN where a reading is missing. Empty where
  /// ``file`` holds them.
  public var readings: [Float]
  /// The readings of a table that memory does not hold; only training takes one.
  public let file: ReadingFile?
  /// The columns that a model is to predict; none where it only predicts.
  public var targets: [Target]
  /// The column that says which rows belong together, when one was asked for.
  public var group: Group?
  /// The SHA-256 of the file's bytes, unpacked, in hexadecimal; empty when there was no
  /// file or the table was read for a model that exists.
  public var sourceSHA256: String
  /// Columns of the file named like a target that were not asked for.
  public var leftOut: [String]
  /// The columns of categories among the features of a table for a model yet to be trained.
  public var categories: [Category]

  /// A table from its columns.
  public init(
    featureNames: [String], rows: Int, readings: [Float], file: ReadingFile? = nil,
    targets: [Target], group: Group? = nil, sourceSHA256: String = "", leftOut: [String] = [],
    categories: [Category] = []
  ) {
    precondition(readings.count == (file == nil ? rows * featureNames.count : 0))
    precondition(file.map { ($0.rows, $0.columns) == (rows, featureNames.count) } ?? true)
    self.featureNames = featureNames
    self.rows = rows
    self.readings = readings
    self.file = file
    self.targets = targets
    self.group = group
    self.sourceSHA256 = sourceSHA256
    self.leftOut = leftOut
    self.categories = categories
  }
}
