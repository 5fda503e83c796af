// SPDX-License-Identifier: Apache-2.0
@testable import NNQGateway
import NNQTestSupport
import Testing

@Suite struct AnswerQueueTests {
  private func record(_ number: Int) -> Spool.Record {
    Spool.Record(device: [0x61], answer: Array("answer \(number)".utf8))
  }

  @Test("gives back in order what it took, however taking and giving alternate", arguments: 0..<10)
  func order(seed: Int) {
    var random = TestRandom(seed: UInt64(seed))
    var queue = AnswerQueue()
    var taken = 0
    var given = 0
    for _ in 0..<5000 {
      if Int.random(in: 0..<5, using: &random) < 3 {
        let isTaken = queue.append(record(taken))
        #expect(isTaken)
        taken += 1
      } else if let next = queue.next() {
        #expect(next == record(given))
        given += 1
      }
      #expect(queue.count == taken - given)
    }
    while let next = queue.next() {
      #expect(next == record(given))
      given += 1
    }
    #expect(given == taken && queue.isEmpty)
  }

  @Test("takes nothing beyond its cap, and takes again when there is room")
  func cap() {
    var queue = AnswerQueue(byteLimit: 4096)
    var count = 0
    while queue.append(record(count)) { count += 1 }
    #expect(count > 10 && count < 4096 / 128)
    let oldest = queue.next()
    #expect(oldest == record(0))
    let again = [queue.append(record(count)), queue.append(record(count))]
    #expect(again == [true, false])
  }
}
