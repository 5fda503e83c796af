// SPDX-License-Identifier: Apache-2.0
import NNQData
import Testing

@Suite struct ColumnSelectionTests {
  static func roles(
    _ header: [String], _ selection: ColumnSelection
  ) throws(DataError) -> ColumnRoles {
    try ColumnRoles(header: header, selection: selection, file: "f")
  }

  @Test("takes the columns that start with label or target as targets")
  func automatic() throws {
    let roles = try Self.roles(["a", "Label_x", "b", "TARGET", "relabel"], .training())
    #expect(roles.targets == [1, 3])
    #expect(roles.featureNames == ["a", "b", "relabel"])
    #expect(roles.features == [0, 2, 4])
    #expect(roles.group == nil)
  }

  @Test("named targets, a group, excluded columns and targets not asked for are no features")
  func named() throws {
    let roles = try Self.roles(
      ["unit", "a", "y", "z", "label", "day"],
      .training(targets: ["z", "y"], group: "unit", excluded: ["day"]))
    #expect(roles.targets == [3, 2])
    #expect(roles.group == 0)
    #expect(roles.featureNames == ["a"])
    #expect(roles.leftOut == ["label"])
  }

  @Test("names a column that training misses")
  func trainingFaults() {
    #expect(throws: DataError.missingColumn(file: "f", column: "y")) {
      try Self.roles(["a"], .training(targets: ["y"]))
    }
    #expect(throws: DataError.missingColumn(file: "f", column: "g")) {
      try Self.roles(["a", "label"], .training(group: "g"))
    }
    #expect(throws: DataError.missingColumn(file: "f", column: "e")) {
      try Self.roles(["a", "label"], .training(excluded: ["e"]))
    }
    #expect(throws: DataError.duplicateColumn(file: "f", column: "y")) {
      try Self.roles(["a", "y"], .training(targets: ["y", "y"]))
    }
    #expect(throws: DataError.noTargetColumn(file: "f")) { try Self.roles(["a"], .training()) }
    #expect(throws: DataError.noFeatureColumn(file: "f")) { try Self.roles(["label"], .training()) }
  }

  @Test("an anomaly model needs no target")
  func noTarget() throws {
    let roles = try Self.roles(["a", "b"], .training(requiresTarget: false))
    #expect(roles.targets == [])
    #expect(roles.features == [0, 1])
  }

  @Test("matches a model's columns by name, whatever their order")
  func model() throws {
    let selection = ColumnSelection.model(features: ["a", "b"], targets: ["y"])
    #expect(try Self.roles(["y", "b", "a"], selection).features == [2, 1])
    #expect(try Self.roles(["y", "b", "a"], selection).targets == [0])
    #expect(try Self.roles(["b", "a"], selection).targets == [])
  }

  @Test("names a column that a model misses or does not know")
  func modelFaults() throws {
    #expect(throws: DataError.missingColumn(file: "f", column: "b")) {
      try Self.roles(["a"], .model(features: ["a", "b"]))
    }
    #expect(throws: DataError.unknownColumn(file: "f", column: "c")) {
      try Self.roles(["c", "a"], .model(features: ["a"]))
    }
    #expect(throws: DataError.missingColumn(file: "f", column: "y")) {
      try Self.roles(["a"], .model(features: ["a"], targets: ["y"], requiresTargets: true))
    }
    #expect(
      try Self.roles(["a", "unit"], .model(features: ["a"], ignored: ["unit"])).features == [0])
  }

  @Test("refuses more features than a model can have")
  func tooMany() {
    let header = (0..<65_536).map { "c\($0)" }
    #expect(throws: DataError.tooManyColumns(file: "f", found: 65_536, limit: 65_535)) {
      try Self.roles(header, .training(requiresTarget: false))
    }
  }
}
