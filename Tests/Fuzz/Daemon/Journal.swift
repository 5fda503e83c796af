// SPDX-License-Identifier: Apache-2.0
import NNQFiles
import NNQFormat

@testable import NNQGateway

private let model = try? GatewayModel(
  readFile("models/motor-fault/model.int8.bin"), name: "motor")

/// A journal of any bytes is read up to its damage, and its decisions are made again without a trap.
func fuzzJournal(_ bytes: [UInt8]) {
  guard let model else { return must(false) }
  var journal = bytes
  repairRecords(&journal, from: JournalReader.head.count)
  for bytes in [bytes, journal] {
    var replay = Replay()
    var visited = 0
    let isJournal = replay.run(JournalReader(bytes)) {
      $0 == model.identity ? model : nil
    } visit: { _, _ in
      visited += 1
    }
    must(isJournal || !bytes.starts(with: JournalReader.head))
    must(visited == replay.decisions && replay.damagedBytes <= bytes.count)
    var reader = JournalReader(bytes)
    var devices = DeviceTable(limit: 16)
    while let record = reader.next() {
      if case .device(let name, let highest, let seen) = record {
        _ = devices.restore(name, highest: highest, seen: seen)
      }
      if case .decision(let decision) = record, let sequence = decision.sequence,
        let device = devices.index(of: decision.device)
      {
        devices.mark(sequence, of: device)
        must(devices.arrival(sequence, of: device) != .new)
      }
    }
  }
}
