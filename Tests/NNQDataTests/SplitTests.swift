// SPDX-License-Identifier: Apache-2.0
import NNQData
import Testing

@Suite struct SplitTests {
  /// What holds for every split.
  func check(_ split: Split, rows: Int, _ comment: Comment) {
    #expect((split.train + split.validation).sorted() == Array(0..<rows), comment)
    #expect(split.train == split.train.sorted(), comment)
    #expect(split.validation == split.validation.sorted(), comment)
    if rows >= 2 {
      #expect(!split.train.isEmpty && !split.validation.isEmpty, comment)
    }
  }

  static let fractions = [-1, 0, 0.001, 0.15, 0.5, 0.999, 1, 7, .infinity]

  @Test("every row is on one side, and neither side is empty", arguments: fractions)
  func properties(fraction: Double) {
    for rows in 0..<40 {
      for seed in UInt64(0)..<5 {
        let comment: Comment = "\(rows) rows, seed \(seed)"
        var source = RandomSource(seed: seed)
        let labels = (0..<rows).map { _ in Int32(source.below(1 + source.below(6))) }
        check(.random(rows: rows, fraction: fraction, seed: seed), rows: rows, comment)
        check(.timeOrdered(rows: rows, fraction: fraction), rows: rows, comment)
        let stratified = Split.stratified(labels: labels, fraction: fraction, seed: seed)
        check(stratified, rows: rows, comment)
        if Set(labels).count < rows {
          #expect(Set(stratified.train.map { labels[$0] }) == Set(labels), comment)
        }
        guard let grouped = Split.grouped(groups: labels, fraction: fraction, seed: seed) else {
          #expect(Set(labels).count < 2, comment)
          continue
        }
        check(grouped, rows: rows, comment)
        let train = Set(grouped.train.map { labels[$0] })
        #expect(train.isDisjoint(with: grouped.validation.map { labels[$0] }), comment)
      }
    }
  }

  @Test("meets the fraction")
  func fraction() {
    #expect(Split.random(rows: 1000, fraction: 0.15, seed: 1).validation.count == 150)
    #expect(Split.timeOrdered(rows: 10, fraction: 0.25).validation == [7, 8, 9])
    let groups = (0..<1000).map { Int32($0 / 10) }
    #expect(Split.grouped(groups: groups, fraction: 0.2, seed: 1)?.validation.count == 200)
  }

  @Test("a stratified split takes each class in its share")
  func stratified() {
    // 700, 200, 97 and 3 rows.
    let labels = (0..<1000).map { Int32($0 < 700 ? 0 : $0 < 900 ? 1 : $0 < 997 ? 2 : 3) }
    let split = Split.stratified(labels: labels, fraction: 0.15, seed: 4)
    let counts = (0..<4).map { label in split.validation.count { labels[$0] == label } }
    // The shares are 105, 30, 14.55 and 0.45: the one row that is left goes to the larger part.
    #expect(counts == [105, 30, 15, 0])
  }

  @Test("the same seed gives the same split, another seed another")
  func seeds() {
    let labels = (0..<200).map { Int32($0 % 3) }
    let groups = (0..<200).map { Int32($0 % 20) }
    func splits(_ seed: UInt64) -> [Split?] {
      [
        .random(rows: 200, fraction: 0.3, seed: seed),
        .stratified(labels: labels, fraction: 0.3, seed: seed),
        .grouped(groups: groups, fraction: 0.3, seed: seed),
      ]
    }
    #expect(splits(1) == splits(1))
    for (first, second) in zip(splits(1), splits(2)) { #expect(first != second) }
  }

  @Test("where every class has one row, rows are drawn from all of them")
  func singletons() {
    let split = Split.stratified(labels: [0, 1, 2, 3], fraction: 0.25, seed: 1)
    #expect(split.validation.count == 1 && split.train.count == 3)
  }

  @Test("one large group among small ones stays in training")
  func unevenGroups() {
    let groups = [Int32](repeating: 0, count: 90) + [1, 1, 1, 2, 2, 2, 3, 3, 3, 4]
    for seed in UInt64(0)..<20 {
      let split = Split.grouped(groups: groups, fraction: 0.1, seed: seed)
      #expect(split?.validation == Array(90..<100))
    }
  }
}
