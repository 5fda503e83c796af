// SPDX-License-Identifier: Apache-2.0
import NNQFiles
import Testing

@Suite struct ScratchFileTests {
  @Test("hands back what was written, from anywhere and in any order")
  func roundTrip() throws {
    let writer = try ScratchWriter()
    let numbers = (0..<100_000).map { Float($0) / 3 }
    try writer.append(Array(numbers[..<70_001]))
    try writer.append([])
    try writer.append(Array(numbers[70_001...]))
    let file = writer.finish()
    #expect(file.numbers(from: 0, count: 100_000) == numbers)
    for first in [99_990, 0, 69_995, 12] {
      #expect(file.numbers(from: first, count: 10) == Array(numbers[first..<first + 10]))
    }
    #expect(file.numbers(from: 5, count: 0) == [])
    #expect(file.failure == nil)
  }

  @Test("a read beyond the end gives zeros and is remembered as a failure")
  func beyond() throws {
    let writer = try ScratchWriter()
    try writer.append([1, 2])
    let file = writer.finish()
    #expect(file.numbers(from: 1, count: 3) == [2, 0, 0])
    #expect(file.failure?.operation == .read)
    #expect(file.numbers(from: 0, count: 2) == [1, 2])
    #expect(file.failure != nil)
  }
}
