// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import NNQTrain

@Suite struct RowShareTests {
  private let rows = Array(stride(from: 3, to: 403, by: 2))

  @Test("a smaller share is part of a larger one, ascending and of the right size")
  func nested() {
    var before: Set<Int> = []
    for (share, count) in [(0.125, 25), (0.25, 50), (0.5, 100), (1.0, 200)] {
      let chosen = PreparedData.sample(rows, share: share, groups: nil, seed: 4)
      #expect(chosen.count == count && chosen == chosen.sorted())
      #expect(before.isSubset(of: Set(chosen)) && Set(chosen).isSubset(of: Set(rows)))
      before = Set(chosen)
    }
    let other = PreparedData.sample(rows, share: 0.5, groups: nil, seed: 5)
    #expect(other != PreparedData.sample(rows, share: 0.5, groups: nil, seed: 4))
  }

  @Test("groups are taken whole, until the share is reached")
  func groups() {
    let groups = (0..<403).map { Int32($0 / 41) }
    let chosen = PreparedData.sample(rows, share: 0.3, groups: groups, seed: 1)
    let taken = Set(chosen.map { groups[$0] })
    #expect(chosen == rows.filter { taken.contains(groups[$0]) })
    // A group has at most 21 of the rows: the last one passes 60 by fewer than that.
    #expect((60..<81).contains(chosen.count))
  }
}
