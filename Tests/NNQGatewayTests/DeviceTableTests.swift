// SPDX-License-Identifier: Apache-2.0
import NNQGateway
import NNQTestSupport
import Testing

@Suite struct DeviceTableTests {
  @Test("tells the same as a set of all numbers does, within the window", arguments: 0..<20)
  func oracle(seed: Int) throws {
    var random = TestRandom(seed: UInt64(seed))
    var table = DeviceTable(limit: 4)
    let first = table.index(of: [0x61])
    let device = try #require(first)
    var seen: Set<UInt64> = []
    var highest: UInt64 = 0
    var base: UInt64 = 0
    for _ in 0..<5000 {
      base += UInt64.random(in: 0...3, using: &random)
      if Int.random(in: 0..<500, using: &random) == 0 { base += 5000 }
      let number = base + UInt64.random(in: 0...1500, using: &random)
      let expected: DeviceTable.Arrival =
        number > highest
        ? .new
        : highest - number >= 1024
          ? .stale
          : seen.contains(number) ? .duplicate : .new
      #expect(table.arrival(number, of: device) == (highest == 0 ? .new : expected))
      guard expected == .new else { continue }
      table.mark(number, of: device)
      seen.insert(number)
      highest = max(highest, number)
      if Int.random(in: 0..<10, using: &random) == 0 {
        table.unmark(number, of: device)
        seen.remove(number)
      }
    }
  }

  @Test("finds many devices again and takes no more than the cap")
  func cap() {
    var table = DeviceTable(limit: 1000)
    for round in 0..<2 {
      for number in 0..<1000 {
        let found = table.index(of: Array("device-\(number)".utf8))
        #expect(found == number, "\(round)")
      }
    }
    let extra = table.index(of: [0x61])
    #expect(extra == nil)
    #expect(table.count == 1000)
  }
}
