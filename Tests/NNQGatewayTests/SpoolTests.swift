// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQFiles
import NNQGateway
import NNQTestSupport
import Testing

@Suite struct SpoolTests {
  private let boot = [UInt8](repeating: 0x31, count: 36)

  private func spool(
    _ folder: TemporaryFolder, limit: Int = 1 << 20, boot: [UInt8]? = nil, now: Int64 = 0
  ) throws -> Spool {
    try Spool(
      folder("spool"), byteLimit: limit, lifetimeMilliseconds: 1000, boot: boot ?? self.boot,
      now: now)
  }

  private func answer(_ number: Int) -> [UInt8] { Array("answer \(number)".utf8) }

  @Test("gives back in order what it took, also after a restart")
  func order() throws {
    let folder = TemporaryFolder()
    let first = try spool(folder)
    for number in 0..<50 { first.append(device: [0x61], answer: answer(number), now: 0) }
    let second = try spool(folder)
    for number in 50..<60 { second.append(device: [0x62], answer: answer(number), now: 0) }
    for number in 0..<60 { #expect(second.next(now: 1)?.answer == answer(number)) }
    #expect(second.next(now: 1) == nil && second.isEmpty)
    #expect(folder.names == ["spool"] && TemporaryFolder.names(in: folder("spool")).isEmpty)
  }

  @Test("drops the oldest where there is no room, and counts them")
  func cap() throws {
    let folder = TemporaryFolder()
    let spool = try spool(folder, limit: 4096)
    for number in 0..<1000 { spool.append(device: [], answer: answer(number), now: 0) }
    #expect(spool.bytes <= 4096)
    var left: [[UInt8]] = []
    while let record = spool.next(now: 0) { left.append(record.answer) }
    #expect(left == (1000 - left.count..<1000).map { answer($0) })
    #expect(spool.dropped == UInt64(1000 - left.count))
  }

  @Test("refuses a pipe among its files")
  func pipe() throws {
    let folder = TemporaryFolder()
    unsafe mkfifo(folder.makeFolder("spool") + "/spool-1", 0o644)
    let error = FileError(path: folder("spool/spool-1"), operation: .open, code: ENOTSUP)
    #expect(throws: GatewayError.file(error)) { try spool(folder) }
  }

  @Test("leaves out what is too old; after another boot the age counts from the start")
  func age() throws {
    let folder = TemporaryFolder()
    let first = try spool(folder)
    first.append(device: [], answer: answer(1), now: 100_000)
    #expect(try spool(folder).next(now: 101_001) == nil)
    let elsewhere = TemporaryFolder()
    try spool(elsewhere).append(device: [], answer: answer(2), now: 200_000)
    let other = try spool(elsewhere, boot: [UInt8](repeating: 0x32, count: 36), now: 5)
    #expect(other.next(now: 10)?.answer == answer(2))
  }

  @Test("goes on behind a damaged record, counts it and goes on with the next file")
  func damage() throws {
    let folder = TemporaryFolder()
    let first = try spool(folder)
    for number in 0..<3 { first.append(device: [], answer: answer(number), now: 0) }
    let name = try #require(TemporaryFolder.names(in: folder("spool")).first)
    var bytes = try #require(folder.bytes("spool/\(name)"))
    // The end of the first answer, then the end of the last one.
    for place in [36 + 8 + 9 + answer(0).count - 1, bytes.count - 1] { bytes[place] ^= 1 }
    folder.put(bytes, in: "spool/\(name)")
    let second = try spool(folder)
    second.append(device: [], answer: answer(9), now: 0)
    #expect(second.next(now: 0)?.answer == answer(1))
    #expect(second.next(now: 0)?.answer == answer(9))
    #expect(second.damaged == 2)
  }
}
