// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQFormat
import Testing

@testable import NNQTrain

@Suite("Spread of a column")
struct ColumnSpreadTests {
  @Test("is the mean and the standard deviation")
  func plain() throws {
    let spread = try #require(ColumnSpread(of: [2, 4, 4, 4, 5, 5, 7, 9]))
    #expect(spread == ColumnSpread(of: [9, 7, 5, 5, 4, 4, 4, 2]))
    #expect(spread.mean == 5 && spread.scale == 2 && !spread.isConstant)
  }

  @Test("of a sensor at rest is the size of its moves, however rare they are")
  func resting() throws {
    for rows in [8, 100, 10_000] {
      var readings = Array(repeating: Float(3), count: rows)
      readings[0] = 53
      readings[1] = -47
      let spread = try #require(ColumnSpread(of: readings))
      #expect(spread.mean == 3 && spread.scale == 50)
    }
  }

  @Test("takes the standard deviation when just half of the readings are the same")
  func half() throws {
    let spread = try #require(ColumnSpread(of: [0, 0, 3, 5]))
    // The mean is 2 and the squared distances from it 4, 4, 1 and 9.
    #expect(spread.mean == 2 && spread.scale == (18.0 / 4).squareRoot())
  }

  @Test("of a column that never changes is 1, and there is none without readings")
  func constant() throws {
    let spread = try #require(ColumnSpread(of: [0.1, 0.1, 0.1]))
    #expect(spread.isConstant && spread.scale == 1 && spread.mean == Double(Float(0.1)))
    #expect(ColumnSpread(of: []) == nil)
  }

  @Test("is finite at the ends of binary32")
  func extremes() throws {
    let largest = Float.greatestFiniteMagnitude
    let wide = try #require(ColumnSpread(of: [-largest, largest, 0, 1]))
    #expect(wide.scale.isFinite && wide.scale > 0)
    let narrow = try #require(ColumnSpread(of: [0, .leastNonzeroMagnitude]))
    #expect(narrow.scale > 0)
  }

  @Test("missing readings are left out and replaced as the policy says")
  func missing() throws {
    let data = Dataset(
      featureNames: ["x"], rows: 5, readings: [1, .nan, 1, 4, 10], targets: [])
    let rows = Array(0..<5)
    let mean = try data.fitFeatures(in: rows, missing: .mean).0
    #expect(mean[0].offset == 4 && mean[0].replacement == 4)
    let median = try data.fitFeatures(in: rows, missing: .median).0
    #expect(median[0].replacement == 4)
    #expect(data.replacingMissing(mean) == [1, 4, 1, 4, 10])
    #expect(throws: TrainingError.missingReading(feature: "x", row: 1)) {
      try data.checkReadings(missingAllowed: false)
    }
    let empty = Dataset(
      featureNames: ["x", "y"], rows: 2, readings: [1, .nan, 2, .nan], targets: [])
    #expect(throws: TrainingError.featureWithoutReadings(name: "y")) {
      try empty.checkReadings(missingAllowed: false)
    }
    #expect(throws: TrainingError.featureWithoutReadings(name: "x")) {
      try data.fitFeatures(in: [1], missing: .mean)
    }
    let infinite = Dataset(
      featureNames: ["x", "y"], rows: 2, readings: [1, 2, 3, .infinity], targets: [])
    #expect(throws: TrainingError.infiniteReading(feature: "y", row: 1)) {
      try infinite.checkReadings(missingAllowed: true)
    }
  }
}
