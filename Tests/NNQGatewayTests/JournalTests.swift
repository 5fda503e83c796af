// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQFormat
import NNQGateway
import NNQState
import NNQTestSupport
import Testing

@Suite struct JournalTests {
  private func engine() throws -> Engine {
    var engine = Engine(keepsRecords: true)
    engine.use(try motorModel())
    return engine
  }

  private func line(_ row: Int, as sequence: Int? = nil) throws -> String {
    try goldenLine(sequence ?? row, row: row % goldenRows("golden-counts.csv").count)
  }

  @Test("knows after a restart what was kept before, and not what was torn off the end")
  func recovery() throws {
    let folder = TemporaryFolder()
    var engine = try engine()
    let journal = try Journal(
      folder.path, fileBytes: 1 << 20, fileLimit: 4, devices: &engine.devices)
    for sequence in 1...3 {
      _ = engine.answer(try line(sequence))
      #expect(journal.append(engine.records, model: ""))
      engine.confirm()
      journal.advance(engine.devices)
    }
    let name = try #require(folder.names.last)
    let bytes = try #require(folder.bytes(name))
    // Every length of the file that a crash may leave.
    for length in stride(from: bytes.count, through: 16, by: -7) {
      let torn = TemporaryFolder()
      torn.put(Array(bytes[..<length]), in: name)
      var devices = DeviceTable(limit: 10)
      let again = try Journal(torn.path, fileBytes: 1 << 20, fileLimit: 4, devices: &devices)
      let known = (1...3).filter { sequence in
        devices.count > 0 && devices.arrival(UInt64(sequence), of: 0) == .duplicate
      }
      #expect(known == Array(1...3).prefix(known.count).map { $0 })
      #expect(length < bytes.count || known.count == 3)
      #expect((again.damagedBytes > 0) == (known.count < 3 && !endsWhole(bytes, length)))
    }
  }

  /// Whether a record ends at this length.
  private func endsWhole(_ bytes: [UInt8], _ length: Int) -> Bool {
    var reader = JournalReader(bytes)
    while reader.next() != nil, reader.position < length {}
    return reader.position == length || length == 8
  }

  @Test("goes on in a new file with all devices in it, and keeps no more files than it may")
  func files() throws {
    let folder = TemporaryFolder()
    var engine = try engine()
    let journal = try Journal(folder.path, fileBytes: 4096, fileLimit: 3, devices: &engine.devices)
    for sequence in 1...200 {
      _ = engine.answer(try line(sequence))
      #expect(journal.append(engine.records, model: ""))
      engine.confirm()
      journal.advance(engine.devices)
    }
    #expect(folder.names.count == 3)
    var devices = DeviceTable(limit: 10)
    _ = try Journal(folder.path, fileBytes: 4096, fileLimit: 3, devices: &devices)
    #expect((1...200).allSatisfy { devices.arrival($0, of: 0) == .duplicate })
  }

  @Test("makes every decision again with the same bits, and finds one that was changed")
  func replay() throws {
    var engine = try engine()
    for sequence in 0..<20 { _ = engine.answer(try line(sequence)) }
    let model = try motorModel()
    let bytes: [UInt8] = [0x8E, 0x4E, 0x4E, 0x51, 0x4A, 1, 0, 0] + engine.records
    var run = Replay()
    #expect(
      run.run(JournalReader(bytes)) { _ in
        model
      } visit: { _, _ in
      })
    #expect(run.decisions == 20)
    #expect(run.differences.isEmpty && run.withoutModel == 0 && run.damagedBytes == 0)
    var without = Replay()
    #expect(
      without.run(JournalReader(bytes)) { _ in
        nil
      } visit: { _, _ in
      })
    #expect(without.withoutModel == 20)
    #expect(!Replay().differences.contains(1))
    var none = Replay()
    #expect(
      !none.run(JournalReader([1, 2, 3])) { _ in
        nil
      } visit: { _, _ in
      })
  }

  @Test("forgets the numbers of messages that could not be kept")
  func rollBack() throws {
    var engine = try engine()
    _ = engine.answer(try line(1))
    engine.confirm()
    _ = engine.answer(try line(2))
    _ = engine.answer(try line(2))
    _ = engine.answer(try line(5000))
    engine.rollBack()
    #expect(engine.counters.decisions == 1 && engine.counters.duplicates == 0)
    #expect(engine.counters.count(of: .journal) == 3)
    #expect(engine.answer(try line(1)).contains("duplicate"))
    #expect(!engine.answer(try line(2)).contains("duplicate"))
  }

  @Test("counts for statistics, trial and shadow what was kept, once, and nothing else")
  func figures() throws {
    let bytes = try motorModelBytes()
    var engine = Engine(keepsRecords: true, keepsStatistics: true)
    engine.use(try motorModel())
    engine.trial = Trial(try motorModel(), beside: try motorModel())
    engine.shadow = try Shadow(bytes, name: "motor")
    var once = Engine(keepsStatistics: true)
    once.use(try motorModel())
    var number = 0
    for round in 0..<6 {
      let isKept = round % 3 != 1
      for _ in 0...round {
        number += 1
        _ = engine.answer(try line(number))
        _ = engine.answer("{")
        if isKept { _ = once.answer(try line(number)) }
      }
      if isKept { engine.confirm() } else { engine.rollBack() }
      #expect(engine.statistics == once.statistics)
      #expect(engine.trial.map { UInt64($0.messages) } == once.statistics?.rows)
      #expect(engine.shadow?.messages == once.statistics?.rows && engine.shadow?.flips == 0)
    }
    #expect(once.statistics?.rows == 14)
  }

  @Test("answers after a restart as before it, also where a number is written twice")
  func answersAgain() throws {
    let folder = TemporaryFolder()
    var engine = try engine()
    let journal = try Journal(
      folder.path, fileBytes: 1 << 20, fileLimit: 4, devices: &engine.devices)
    var answers: [String] = []
    for sequence in 1...20 { answers.append(engine.answer(try line(sequence))) }
    #expect(journal.append(engine.records, model: ""))
    var next = try self.engine()
    next.devices = DeviceTable(limit: 10)
    let again = try Journal(folder.path, fileBytes: 1, fileLimit: 4, devices: &next.devices)
    for sequence in 1...20 {
      #expect(
        next.answer(try line(sequence + 1, as: sequence))
          == answers[sequence - 1].dropLast(2) + ",\"duplicate\":true}\n")
    }
    // A file that begins anew holds what came, not what was answered.
    again.advance(next.devices)
    var last = try self.engine()
    last.devices = DeviceTable(limit: 10)
    _ = try Journal(folder.path, fileBytes: 1 << 20, fileLimit: 4, devices: &last.devices)
    #expect(last.answer(try line(3)) == "{\"device\":\"a\",\"seq\":3,\"duplicate\":true}\n")
    #expect(last.counters.forgotten == 1)
  }

  @Test("reads no more than is there, whatever the bytes", arguments: 0..<20)
  func garbage(seed: Int) throws {
    var engine = try engine()
    for sequence in 0..<3 { _ = engine.answer(try line(sequence)) }
    var bytes: [UInt8] = [0x8E, 0x4E, 0x4E, 0x51, 0x4A, 1, 0, 0] + engine.records
    var random = TestRandom(seed: UInt64(seed))
    for _ in 0..<4 {
      bytes[Int.random(in: 8..<bytes.count, using: &random)] = UInt8.random(
        in: 0...255, using: &random)
    }
    var reader = JournalReader(bytes)
    var count = 0
    while reader.next() != nil { count += 1 }
    #expect(count <= 4)
    #expect(reader.position <= bytes.count)
  }

  /// A folder with one file of five messages, then one more file of the same engine.
  private func written(_ folder: TemporaryFolder, files: Int) throws {
    for file in 0..<files {
      var engine = try engine()
      let journal = try Journal(
        folder.path, fileBytes: file == 0 ? 1 << 20 : 1, fileLimit: 4, devices: &engine.devices)
      for sequence in 5 * file + 1...5 * file + 5 {
        _ = engine.answer(try line(sequence))
        #expect(journal.append(engine.records, model: ""))
        engine.confirm()
      }
    }
  }

  private func known(_ folder: TemporaryFolder, _ sequences: ClosedRange<Int>) throws -> [Int] {
    var devices = DeviceTable(limit: 10)
    _ = try Journal(folder.path, fileBytes: 1 << 20, fileLimit: 4, devices: &devices)
    guard devices.count > 0 else { return [] }
    return sequences.filter { devices.arrival(UInt64($0), of: 0) == .duplicate }
  }

  @Test("knows every number but that of the damaged record, wherever a byte is flipped")
  func damage() throws {
    let source = TemporaryFolder()
    try written(source, files: 2)
    #expect(source.names == ["journal-00000001.log", "journal-00000002.log"])
    let first = try #require(source.bytes(source.names[0]))
    let bytes = try #require(source.bytes(source.names[1]))
    for place in stride(from: 0, to: bytes.count, by: 11) {
      let folder = TemporaryFolder()
      var damaged = bytes
      damaged[place] ^= 0x40
      folder.put(first, in: source.names[0])
      folder.put(damaged, in: source.names[1])
      #expect(try known(folder, 1...10).count >= 9)
      #expect(try known(folder, 1...5) == Array(1...5))
    }
  }

  @Test("goes on in the newest file after a start, which wipes nothing")
  func restarts() throws {
    let folder = TemporaryFolder()
    try written(folder, files: 1)
    for _ in 0..<6 { #expect(try known(folder, 1...5) == Array(1...5)) }
    #expect(folder.names == ["journal-00000001.log"])
  }

  @Test("takes only its own files for a journal, and refuses the last number there is")
  func names() throws {
    let folder = TemporaryFolder()
    for name in ["journal--1.log", "journal-+5.log", "journal-5.log", "journal-0.log"] {
      folder.put([1], in: name)
    }
    #expect(try known(folder, 1...2) == [])
    #expect(folder.names.contains("journal-00000001.log"))
    folder.put([1], in: "journal-9223372036854775807.log")
    let file = folder.path + "/journal-9223372036854775807.log"
    #expect(throws: GatewayError.lastJournal(file: file)) { try known(folder, 1...2) }
  }

  @Test("reads a long file, damaged or not, in steps of one size")
  func longFile() throws {
    let folder = TemporaryFolder()
    var engine = try engine()
    for sequence in 1...20 { _ = engine.answer(try line(sequence)) }
    var bytes: [UInt8] = [0x8E, 0x4E, 0x4E, 0x51, 0x4A, 1, 0, 0]
    while bytes.count < 1 << 20 { bytes += engine.records }
    for damage in [nil, 1 << 19] {
      if let damage { bytes[damage] ^= 1 }
      let path = folder.put(bytes, in: "journal")
      var reader = try JournalReader(path: path)
      var count = 0
      while reader.next() != nil {
        count += 1
        // A step, and the record that did not fit what was left of it.
        #expect(reader.heldBytes <= 1 << 18)
      }
      #expect(count > 5000 && reader.position == bytes.count)
      #expect((reader.damagedBytes > 0) == (damage != nil))
    }
  }

  @Test(
    "takes nothing into a file that was removed, and begins another one in the same folder only")
  func removed() throws {
    let folder = TemporaryFolder()
    let path = folder.makeFolder("state")
    var engine = try engine()
    let journal = try Journal(path, fileBytes: 1 << 20, fileLimit: 4, devices: &engine.devices)
    #expect(journal.append([1], model: "") && journal.trouble == 0)
    unsafe unlink(path + "/journal-00000001.log")
    #expect(!journal.append([1], model: "") && journal.trouble == ENOENT)
    journal.advance(engine.devices)
    #expect(journal.append([1], model: "") && journal.trouble == 0)
    unsafe unlink(path + "/journal-00000002.log")
    journal.look(engine.devices)
    #expect(journal.trouble == 0 && journal.append([1], model: ""))
    unsafe unlink(path + "/journal-00000003.log")
    unsafe rename(path, folder("aside"))
    _ = folder.makeFolder("state")
    for _ in 0..<2 {
      #expect(!journal.append([1], model: ""))
      journal.advance(engine.devices)
      journal.look(engine.devices)
      #expect(journal.trouble == ENOENT)
    }
    #expect(TemporaryFolder.names(in: path).isEmpty)
  }

  @Test("does not count the devices at its beginning as written")
  func head() throws {
    let folder = TemporaryFolder()
    var engine = try engine()
    for device in 0..<60 {
      _ = engine.devices.restore(
        Array("d\(device)".utf8), highest: 1, seen: [UInt64](repeating: 0, count: 16))
    }
    let journal = try Journal(folder.path, fileBytes: 4096, fileLimit: 4, devices: &engine.devices)
    for sequence in 1...5 {
      _ = engine.answer(try line(sequence))
      #expect(journal.append(engine.records, model: ""))
      engine.confirm()
      journal.advance(engine.devices)
    }
    #expect(journal.filesBegun == 1)
  }
}
