// SPDX-License-Identifier: Apache-2.0

/// Answers that wait in memory for room at the broker: first in, first out, within a cap of bytes.
package struct AnswerQueue: Sendable {
  /// What an answer takes beside its own bytes, about.
  private static let overhead = 128

  private let byteLimit: Int
  private var records: [Spool.Record] = []
  /// Those before it are taken.
  private var head = 0
  private(set) var bytes = 0

  package init(byteLimit: Int = 1 << 23) { self.byteLimit = byteLimit }

  package var count: Int { records.count - head }
  package var isEmpty: Bool { count == 0 }

  /// Keeps an answer; false, and nothing is kept, where there is no room.
  package mutating func append(_ record: Spool.Record) -> Bool {
    let size = Self.size(record)
    guard bytes + size <= byteLimit else { return false }
    bytes += size
    records.append(record)
    return true
  }

  /// Takes the oldest answer.
  package mutating func next() -> Spool.Record? {
    guard head < records.count else { return nil }
    let record = records[head]
    head += 1
    bytes -= Self.size(record)
    // Half of it is taken: each answer is moved once or twice in all.
    if head * 2 >= records.count {
      records.removeFirst(head)
      head = 0
    }
    return record
  }

  private static func size(_ record: Spool.Record) -> Int {
    record.device.count + record.answer.count + overhead
  }
}
