// SPDX-License-Identifier: Apache-2.0
import NNQData
import Testing

@Suite struct QuantilesTests {
  static func dataset(_ columns: [[Float]]) -> Dataset {
    let rows = columns[0].count
    return Dataset(
      featureNames: columns.indices.map { "c\($0)" }, rows: rows,
      readings: (0..<rows).flatMap { row in columns.map { $0[row] } }, targets: [])
  }

  @Test("quantiles equal NumPy's")
  func quantiles() throws {
    let data = Self.dataset([[3, 1, .nan, 2, 10], [5, .nan, .nan, .nan, .nan]])
    let probabilities = [0, 0.1, 0.25, 0.5, 0.9, 1]
    let quantiles = try data.quantiles(at: probabilities)
    // numpy.quantile([1, 2, 3, 10], p), NumPy 2.4.6.
    #expect(quantiles[0] == [1, 1.3, 1.75, 2.5, 7.9, 10])
    #expect(quantiles[1] == [5, 5, 5, 5, 5, 5])
    #expect(try data.quantiles(at: [0.5], over: [0, 1])[0] == [2])
  }

  @Test(
    "quantiles ascend, lie among the readings and hit order statistics", arguments: UInt64(1)...5)
  func quantileProperties(seed: UInt64) throws {
    var source = RandomSource(seed: seed)
    let values = (0..<101).map { _ in Float(source.normal()) }
    let probabilities = (0...100).map { Double($0) / 100 }
    let quantiles = try Self.dataset([values]).quantiles(at: probabilities)[0]
    #expect(zip(quantiles, values.sorted()).allSatisfy { ($0 - $1).magnitude <= 1e-6 })
    #expect(quantiles == quantiles.sorted())
    #expect(quantiles.first == values.min() && quantiles.last == values.max())
  }

  @Test("a feature without any reading is an error that names it")
  func allMissing() {
    let data = Self.dataset([[1, 2, 3], [.nan, 5, .nan]])
    #expect(throws: DataError.noReadings(column: "c1")) {
      try data.quantiles(at: [0.5], over: [0, 2])
    }
    #expect(throws: DataError.noReadings(column: "c0")) {
      try data.quantiles(at: [0.5], over: [])
    }
  }
}
