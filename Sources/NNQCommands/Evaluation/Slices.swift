// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQWords

/// The rows of a table parted by the cells of one column.
struct Slices: Sendable {
  struct Slice: Sendable {
    /// The cell, or `LOW to HIGH` where a column of many numbers is parted into four ranges.
    let name: String
    let rows: [Int]
  }

  let column: String
  /// Numbers ascending, other cells in order of first appearance.
  let all: [Slice]

  /// More distinct numbers than this are parted into ranges.
  static let mostNumbers = 24
  static let mostTexts = 1000
  private static let ranges = 4

  /// - Throws: ``Failure`` for a column of too many distinct texts.
  init(_ group: Dataset.Group, of path: String) throws(Failure) {
    column = group.name
    let numbers = group.vocabulary.compactMap { Double($0) }.filter(\.isFinite)
    let areNumbers = numbers.count == group.vocabulary.count
    guard areNumbers || group.vocabulary.count <= Self.mostTexts else {
      throw Failure(
        .badInput,
        "\(named(path)): column \(quoted(group.name)): \(group.vocabulary.count) distinct texts"
          + " where --slice takes at most \(Self.mostTexts)")
    }
    guard areNumbers, numbers.count > Self.mostNumbers else {
      var members = [[Int]](repeating: [], count: group.vocabulary.count)
      for (row, label) in group.labels.enumerated() { members[Int(label)].append(row) }
      let order =
        areNumbers
        ? members.indices.sorted { numbers[$0] < numbers[$1] } : Array(members.indices)
      all = order.map { Slice(name: group.vocabulary[$0], rows: members[$0]) }
      return
    }
    let values = group.labels.map { numbers[Int($0)] }
    all = Self.ranges(of: values)
  }

  /// Four ranges of about as many rows each; equal numbers stay together.
  private static func ranges(of values: [Double]) -> [Slice] {
    let sorted = values.sorted()
    let bounds = (1..<ranges).map { sorted[$0 * sorted.count / ranges] }
    var members = [[Int]](repeating: [], count: ranges)
    for (row, value) in values.enumerated() {
      members[bounds.count { value >= $0 }].append(row)
    }
    return members.filter { !$0.isEmpty }.map { rows in
      let own = rows.map { values[$0] }
      return Slice(name: "\(own.min() ?? 0) to \(own.max() ?? 0)", rows: rows)
    }
  }
}
