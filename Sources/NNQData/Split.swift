// SPDX-License-Identifier: Apache-2.0

/// The rows that train and the rows that judge: every row on exactly one side, each side ascending.
///
/// With two rows or more neither side is empty. `fraction` is the share of the rows that judge; it
/// is met as closely as the rule of the split allows.
public struct Split: Equatable, Sendable {
  /// The rows that train.
  public let train: [Int]
  /// The rows that judge.
  public let validation: [Int]

  private init(rows: Int, validation chosen: some Sequence<Int>) {
    var isChosen = [Bool](repeating: false, count: rows)
    for row in chosen { isChosen[row] = true }
    train = (0..<rows).filter { !isChosen[$0] }
    validation = (0..<rows).filter { isChosen[$0] }
  }

  /// Rows drawn at random.
  public static func random(rows: Int, fraction: Double, seed: UInt64) -> Split {
    var order = Array(0..<rows)
    var source = RandomSource(seed: seed)
    source.shuffle(&order)
    return Split(rows: rows, validation: order.prefix(count(fraction, of: rows)))
  }

  /// The last rows judge: what a model meets after it was trained.
  public static func timeOrdered(rows: Int, fraction: Double) -> Split {
    Split(rows: rows, validation: rows - count(fraction, of: rows)..<rows)
  }

  /// Rows drawn at random from each class in its share; every class keeps a row that trains.
  ///
  /// Where every class has a single row, that cannot be: then the rows are drawn from all of them.
  /// - Parameter labels: the class of each row, not negative.
  public static func stratified(labels: [Int32], fraction: Double, seed: UInt64) -> Split {
    var members = [[Int]](repeating: [], count: Int(labels.max() ?? -1) + 1)
    for (row, label) in labels.enumerated() { members[Int(label)].append(row) }
    let wanted = count(fraction, of: labels.count)
    guard members.contains(where: { $0.count > 1 }) else {
      return random(rows: labels.count, fraction: fraction, seed: seed)
    }

    // The whole part of each class's share, then one more where the largest parts were cut off.
    let shares = members.map { share(fraction) * Double($0.count) }
    var counts = zip(members, shares).map { max(0, min(Int($1), $0.count - 1)) }
    let order = members.indices.sorted {
      let (a, b) = (shares[$0] - shares[$0].rounded(.down), shares[$1] - shares[$1].rounded(.down))
      return a == b ? $0 < $1 : a > b
    }
    var missing = wanted - counts.reduce(0, +)
    while missing > 0 {
      let before = missing
      for index in order where missing > 0 && counts[index] < members[index].count - 1 {
        counts[index] += 1
        missing -= 1
      }
      if missing == before { break }
    }

    var source = RandomSource(seed: seed)
    var chosen: [Int] = []
    for index in members.indices {
      source.shuffle(&members[index])
      chosen += members[index].prefix(counts[index])
    }
    return Split(rows: labels.count, validation: chosen)
  }

  /// Whole groups drawn at random: no group has rows on both sides. Nil where there is only one.
  ///
  /// - Parameter groups: the group of each row, not negative.
  public static func grouped(groups: [Int32], fraction: Double, seed: UInt64) -> Split? {
    var sizes = [Int](repeating: 0, count: Int(groups.max() ?? -1) + 1)
    for group in groups { sizes[Int(group)] += 1 }
    var order = sizes.indices.filter { sizes[$0] > 0 }
    guard order.count > 1 else { return nil }
    var source = RandomSource(seed: seed)
    source.shuffle(&order)

    // Takes each group that brings the count nearer to what is wanted.
    let wanted = count(fraction, of: groups.count)
    var isChosen = [Bool](repeating: false, count: sizes.count)
    var (rows, chosen) = (0, 0)
    for group in order where chosen < order.count - 1 {
      guard (rows + sizes[group] - wanted).magnitude < (rows - wanted).magnitude else { continue }
      isChosen[group] = true
      rows += sizes[group]
      chosen += 1
    }
    if chosen == 0, let smallest = order.min(by: { sizes[$0] < sizes[$1] }) {
      isChosen[smallest] = true
    }
    return Split(
      rows: groups.count, validation: groups.indices.filter { isChosen[Int(groups[$0])] })
  }

  /// The nearest count to a share of the rows that leaves none of the sides empty.
  private static func count(_ fraction: Double, of rows: Int) -> Int {
    guard rows > 1 else { return 0 }
    return max(1, min(rows - 1, Int((share(fraction) * Double(rows)).rounded())))
  }

  private static func share(_ fraction: Double) -> Double {
    precondition(!fraction.isNaN)
    return max(0, min(1, fraction))
  }
}
