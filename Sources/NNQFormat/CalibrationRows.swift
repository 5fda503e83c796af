// SPDX-License-Identifier: Apache-2.0

/// A sample of the training rows, in their order, that travels inside a float model.
public struct CalibrationRows: Equatable, Sendable {
  /// What a model carries.
  public static let limit = 512
  /// What is taken of a table.
  public static let tableLimit = 4096

  /// 1 ... ``tableLimit``; in a model 1 ... ``limit``.
  public var rows: Int
  /// `[rows][features]` readings in each feature's unit, missing ones already replaced.
  public var readings: [Float]
  /// `[rows][targets]`: the class index, 0 or 1 for each label, or the value in the target's unit;
  /// empty when there are none.
  public var targets: [Float]

  public init(rows: Int, readings: [Float], targets: [Float] = []) {
    self.rows = rows
    self.readings = readings
    self.targets = targets
  }
}
