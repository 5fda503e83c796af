// SPDX-License-Identifier: Apache-2.0
import NNQData
import Testing

@Suite struct ScalingTests {
  static func dataset(_ columns: [[Float]]) -> Dataset {
    let rows = columns[0].count
    return Dataset(
      featureNames: columns.indices.map { "c\($0)" }, rows: rows,
      readings: (0..<rows).flatMap { row in columns.map { $0[row] } }, targets: [])
  }

  @Test("gives the mean and the deviation, missing readings left out")
  func small() throws {
    let data = Self.dataset([[1, 2, 3, 4], [.nan, 10, .nan, 20], [7, 7, 7, 7]])
    let scalings = try data.scaling(over: 0..<4)
    #expect(scalings[0] == Scaling(offset: 2.5, scale: 1.25.squareRoot()))
    #expect(scalings[1] == Scaling(offset: 15, scale: 5, missing: 2))
    #expect(scalings[2] == Scaling(offset: 7, scale: 1))
    #expect(try data.scaling(over: [1, 3])[0] == Scaling(offset: 3, scale: 1))
  }

  @Test("a constant has the scale 1 and a tiny change keeps its own, far from zero")
  func nearlyConstant() throws {
    let large: Float = 16_777_215
    let data = Self.dataset([
      [Float](repeating: 0.1, count: 1000),
      [large, large, large + 1] + [Float](repeating: large, count: 997),
      [Float](repeating: 3.1e38, count: 1000),
    ])
    let scalings = try data.scaling(over: 0..<1000)
    #expect(scalings[0] == Scaling(offset: Double(Float(0.1)), scale: 1))
    // One of 1,000 differs by 1: the variance is p (1 - p).
    #expect((scalings[1].scale - (0.001 * 0.999).squareRoot()).magnitude < 1e-9)
    #expect(scalings[2].scale == 1)
  }

  @Test("equals sums in 128-bit integers", arguments: UInt64(1)...5)
  func oracle(seed: UInt64) throws {
    var source = RandomSource(seed: seed)
    let integers = (0..<500).map { _ in source.below(2_000_001) - 1_000_000 }
    let scaling = try Self.dataset([integers.map(Float.init)]).scaling(over: 0..<500)[0]
    let sum = integers.reduce(0, +)
    let squares = integers.reduce(0) { $0 + $1 * $1 }
    // n^2 times the variance, exactly.
    let variance = Double(500 * squares - sum * sum) / 250_000
    #expect((scaling.offset - Double(sum) / 500).magnitude < 1e-9)
    #expect((scaling.scale / variance.squareRoot() - 1).magnitude < 1e-13)
  }

  @Test("quantiles equal NumPy's")
  func quantiles() throws {
    let data = Self.dataset([[3, 1, .nan, 2, 10], [5, .nan, .nan, .nan, .nan]])
    let probabilities = [0, 0.1, 0.25, 0.5, 0.9, 1]
    let quantiles = try data.quantiles(at: probabilities, over: 0..<5)
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
    let quantiles = try Self.dataset([values]).quantiles(at: probabilities, over: 0..<101)[0]
    #expect(zip(quantiles, values.sorted()).allSatisfy { ($0 - $1).magnitude <= 1e-6 })
    #expect(quantiles == quantiles.sorted())
    #expect(quantiles.first == values.min() && quantiles.last == values.max())
  }

  @Test("a feature without any reading is an error that names it")
  func allMissing() {
    let data = Self.dataset([[1, 2, 3], [.nan, 5, .nan]])
    #expect(throws: DataError.noReadings(column: "c1")) { try data.scaling(over: [0, 2]) }
    #expect(throws: DataError.noReadings(column: "c1")) {
      try data.quantiles(at: [0.5], over: [0, 2])
    }
    #expect(throws: DataError.noReadings(column: "c0")) { try data.scaling(over: []) }
  }
}
