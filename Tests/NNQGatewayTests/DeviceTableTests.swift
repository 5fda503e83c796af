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
    var kept = (seen, highest)
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
      if expected == .new {
        table.take(number, of: device, isNew: false)
        seen.insert(number)
        highest = max(highest, number)
      }
      switch Int.random(in: 0..<20, using: &random) {
      case 0:
        table.takeBack()
        (seen, highest) = kept
      case 1...3:
        table.confirm()
        kept = (seen, highest)
      default: break
      }
    }
  }

  @Test("forgets the devices that are taken back with their answers, and finds the others")
  func takenBack() throws {
    var table = DeviceTable(limit: 200)
    for number in 0..<50 { _ = table.index(of: Array("device-\(number)".utf8)) }
    var decision = Decision()
    for round in 0..<3 {
      for number in 25..<150 {
        let name = Array("device-\(number)".utf8)
        let isNew = table.known(name) == nil
        let index = table.index(of: name)
        let device = try #require(index)
        table.take(1, of: device, isNew: isNew)
        decision.score = Int64(round)
        table.answers.keep(decision, model: 1, sequence: 1, device: device)
      }
      #expect(table.count == 150)
      table.takeBack()
      #expect(table.count == 50)
      for number in 0..<50 {
        let found = table.known(Array("device-\(number)".utf8))
        #expect(found == number)
      }
      for number in 50..<150 {
        let found = table.known(Array("device-\(number)".utf8))
        #expect(found == nil)
      }
      for device in 0..<150 {
        let model = table.answers.recall(1, of: device, into: &decision)
        #expect(model == nil)
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
