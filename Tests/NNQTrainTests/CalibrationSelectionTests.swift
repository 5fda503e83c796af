// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQFormat
import Testing

@testable import NNQTrain

@Suite("Calibration rows")
struct CalibrationSelectionTests {
  @Test("are all rows of a small table")
  func small() {
    let rows = CalibrationRows.select(
      rows: 512, features: 1
    ) { _ in Array(repeating: 0, count: 512) }
    #expect(rows == Array(0..<512))
  }

  @Test("are 512 different rows spread over the table with the extremes of every feature")
  func large() {
    var random = RandomSource(seed: 2)
    let (rows, features) = (10_000, 5)
    var readings = (0..<rows * features).map { _ in Float(random.normal()) }
    readings[4711 * features + 3] = 1e6
    readings[77 * features + 1] = -1e6
    let chosen = CalibrationRows.select(rows: rows, features: features) { feature in
      (0..<rows).map { readings[$0 * features + feature] }
    }
    #expect(chosen.count == 512 && Set(chosen).count == 512)
    #expect(chosen == chosen.sorted())
    #expect(chosen.contains(4711) && chosen.contains(77))
    for feature in 0..<features {
      let column = (0..<rows).map { readings[$0 * features + feature] }
      #expect(chosen.contains { column[$0] == column.min() })
      #expect(chosen.contains { column[$0] == column.max() })
    }
    // 502 even rows or more: one in each 20 rows, so that no gap is wider than two of these.
    for (row, next) in zip(chosen, chosen.dropFirst()) { #expect(next - row <= 40) }
  }

  @Test("leave most room for even rows when there are many features")
  func manyFeatures() {
    let (rows, features) = (600, 100)
    let readings = (0..<rows * features).map { Float(($0 * 7919) % 10_007) }
    let chosen = CalibrationRows.select(rows: rows, features: features) { feature in
      (0..<rows).map { readings[$0 * features + feature] }
    }
    #expect(Set(chosen).count == 512 && chosen.allSatisfy { (0..<rows).contains($0) })
  }
}
