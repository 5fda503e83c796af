// SPDX-License-Identifier: Apache-2.0
import NNQData

/// Small tables for the tests.
enum Tables {
  /// A column of labels or numbers as the reader makes it.
  static func column(_ name: String, _ cells: [String]) -> Dataset.Target {
    var vocabulary = [String]()
    let labels = cells.map { cell -> Int32 in
      if let index = vocabulary.firstIndex(of: cell) { return Int32(index) }
      vocabulary.append(cell)
      return Int32(vocabulary.count - 1)
    }
    let values = cells.map { Float($0) ?? .nan }
    return Dataset.Target(
      name: name, values: values, labels: labels, vocabulary: vocabulary,
      isNumeric: values.allSatisfy(\.isFinite))
  }

  /// One feature that counts the rows, and the given targets.
  static func counting(_ targets: [Dataset.Target], rows: Int? = nil) -> Dataset {
    let rows = rows ?? targets.first?.values.count ?? 8
    return Dataset(
      featureNames: ["x"], rows: rows, readings: (0..<rows).map { Float($0) }, targets: targets)
  }

  /// Two noisy features and a class that is their exclusive or.
  static func exclusiveOr(rows: Int, seed: UInt64 = 5) -> Dataset {
    var random = RandomSource(seed: seed)
    var readings = [Float]()
    var cells = [String]()
    for _ in 0..<rows {
      let (a, b) = (random.below(2), random.below(2))
      readings.append(Float(Double(a) * 10 + random.normal()))
      readings.append(Float(Double(b) * 0.1 + 0.01 * random.normal()))
      cells.append(a == b ? "same" : "other")
    }
    return Dataset(
      featureNames: ["a", "b"], rows: rows, readings: readings,
      targets: [column("label", cells)])
  }

  /// Three features and a number that depends on two of them.
  static func sum(rows: Int, seed: UInt64 = 6) -> Dataset {
    var random = RandomSource(seed: seed)
    var readings = [Float]()
    var values = [Float]()
    for _ in 0..<rows {
      let (a, b, c) = (random.normal(), random.normal(), random.normal())
      readings += [Float(100 + a), Float(b), Float(c)]
      values.append(Float(1000 + 20 * a - 10 * b * b))
    }
    return Dataset(
      featureNames: ["a", "b", "c"], rows: rows, readings: readings,
      targets: [
        Dataset.Target(
          name: "target", values: values, labels: nil, vocabulary: [], isNumeric: true)
      ])
  }
}
