// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQTestSupport
import Testing

@testable import NNQCommands

@Suite struct StateTests {
  /// The test rows of a task in a table of their own.
  private func shard(
    _ files: TrainedModel.Files, _ table: SampleTable, _ range: Range<Int>
  ) -> String {
    files.folder.put(
      SampleTable(header: table.header, rows: Array(table.rows[range])).csv,
      in: "shard\(range.lowerBound).csv")
  }

  @Test("shards that are merged in any order are the whole", arguments: ModelTask.Kind.allCases)
  func merging(kind: ModelTask.Kind) throws {
    let trained = TrainedModel.of(kind)
    let files = trained.files()
    for model in [files.float, files.int8] {
      var states: [String] = []
      for range in [0..<7, 7..<30, 30..<60] {
        let table = shard(files, trained.test, range)
        states.append("\(table).state")
        expectSuccess(nnq("eval", model, table, "--state", "\(table).state"))
      }
      expectSuccess(nnq("eval", model, files.test, "--state", files.folder("whole.state")))
      let merged = files.folder("merged.state")
      for order in [[0, 1, 2], [2, 0, 1]] {
        expectSuccess(nnq(["state", "merge"] + order.map { states[$0] } + ["-o", merged]))
        #expect(files.folder.bytes("merged.state") == files.folder.bytes("whole.state"))
      }
    }
  }

  @Test("a report of one state and of two has the same keys, and --max-psi decides")
  func report() throws {
    let trained = TrainedModel.of(.multiclass)
    let files = trained.files()
    let state = files.folder("a.state")
    expectSuccess(nnq("eval", files.int8, files.test, "--state", state))
    let alone = nnq("state", "report", state, "--json")
    expectSuccess(alone)
    let json = try alone.json()
    #expect(json["rows"] == .number(60))
    #expect(json["rows_before"] == .null)
    let drifts = json["drift"]?.elements ?? []
    #expect(drifts.count == 4)

    var shifted = trained.test
    for row in shifted.rows.indices {
      shifted.rows[row][1] = "\((Double(shifted.rows[row][1]) ?? 0) + 3)"
    }
    let moved = files.folder.put(shifted.csv, in: "moved.csv")
    expectSuccess(nnq("eval", files.int8, moved, "--state", files.folder("b.state")))
    let pair = nnq("state", "report", state, files.folder("b.state"), "--json")
    let first = try #require(try pair.json()["drift"]?.elements.first)
    #expect(first["name"] == .string("rms_x"))
    #expect(first["level"] == .string("drifted"))
    #expect(try pair.json()["drift"]?.elements.count == 5)
    #expect(nnq("state", "report", state, files.folder("b.state"), "--max-psi", "0.25").code == 1)
    #expect(nnq("state", "report", state, state, "--max-psi", "0").code == 0)
    #expect(nnq("state", "report", state).output.hasPrefix("60 rows against the training rows\n"))
  }

  @Test("states of other models, other files and wrong words are refused with the fact")
  func refused() throws {
    let files = TrainedModel.of(.multiclass).files()
    let (a, b) = (files.folder("a.state"), files.folder("b.state"))
    expectSuccess(nnq("eval", files.int8, files.test, "--state", a))
    expectSuccess(nnq("eval", files.float, files.test, "--state", b))
    func identity(_ path: String) throws -> String {
      try #require(nnq("inspect", path, "--json").json()["sha256"]?.string)
    }
    let sentence =
      "\(b): counts model \(try identity(files.float)) where the first state counts "
      + (try identity(files.int8))
    expect(nnq("state", "merge", a, b, "-o", files.folder("c.state")), .badInput, sentence)
    expect(nnq("state", "report", a, b), .badInput, sentence)
    #expect(files.folder.bytes("c.state") == nil)
    expect(
      nnq("state", "report", files.int8), .badInput, "\(files.int8): not a state file",
      hint: "nnq eval --state writes one")
    var bytes = try #require(files.folder.bytes("a.state"))
    bytes[100] ^= 1
    let damaged = nnq("state", "report", files.folder.put(bytes, in: "d.state"))
    #expect(damaged.code == 3 && damaged.errors.contains("d.state: damaged: checksum"))
    expect(nnq("state", "merge", a), .usage, "state: merge: -o FILE is missing")
    expect(nnq("state", "merge", a, "-o", b, "--json"), .usage, "state: --json belongs to report")
    expect(nnq("state", "report", a, "-o", b), .usage, "state: -o belongs to merge")
    expect(
      nnq("state", "report", a, a, a), .usage, "state: report: 3 files where at most 2 fit")
  }
}
