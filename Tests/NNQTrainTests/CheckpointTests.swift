// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQFormat
import Testing

@testable import NNQTrain

@Suite("Checkpoints")
struct CheckpointTests {
  private func settings(_ change: (inout TrainingSettings) -> Void = { _ in }) -> TrainingSettings {
    var settings = TrainingSettings()
    settings.hidden = [6, 6]
    settings.epochs = 8
    settings.dropout = 0.1
    settings.noise = 0.05
    settings.normalization = .batch
    settings.isResidual = true
    change(&settings)
    return settings
  }

  /// The checkpoints after each pass, read back from their bytes, and the result.
  private func run(
    _ settings: TrainingSettings, _ data: Dataset, resuming: Checkpoint? = nil
  ) throws -> (checkpoints: [Checkpoint], result: TrainingResult) {
    var kept = [Checkpoint]()
    let result = try Trainer(settings: settings).train(
      data, resuming: resuming, keep: { kept.append($0) })
    return (try kept.map { try Checkpoint(parsing: $0.serialized()) }, result)
  }

  @Test(
    "a training resumed after any pass ends with the same bytes", arguments: OptimizerKind.allCases)
  func sameBytes(optimizer: OptimizerKind) throws {
    let data = Tables.exclusiveOr(rows: 150)
    let settings = settings { $0.optimizer = optimizer }
    let whole = try run(settings, data)
    #expect(whole.checkpoints.count == 8)
    for (index, checkpoint) in whole.checkpoints.enumerated() {
      let rest = try run(settings, data, resuming: checkpoint)
      #expect(rest.result.model == whole.result.model)
      #expect(rest.checkpoints == Array(whole.checkpoints[(index + 1)...]))
    }
  }

  @Test("a checkpoint of other settings or data is refused with the fact")
  func refusals() throws {
    let data = Tables.exclusiveOr(rows: 60)
    let checkpoint = try #require(try run(settings(), data).checkpoints.first)
    func error(_ settings: TrainingSettings, _ data: Dataset) -> TrainingError? {
      do {
        _ = try run(settings, data, resuming: checkpoint)
        return nil
      } catch { return error as? TrainingError }
    }
    #expect(
      error(settings { $0.seed = 1 }, data)
        == .checkpoint(.otherSetting(name: "seed", checkpoint: "0", asked: "1")))
    #expect(
      error(settings { $0.hidden = [6] }, data)
        == .checkpoint(.otherSetting(name: "hidden", checkpoint: "[6, 6]", asked: "[6]")))
    #expect(
      error(settings(), Tables.exclusiveOr(rows: 60, seed: 2)) == .checkpoint(.otherData))
    #expect(error(settings { $0.threads = 2 }, data) == nil)
  }

  @Test("a setting that came after the checkpoint was at its default then")
  func older() throws {
    let data = Tables.exclusiveOr(rows: 60)
    let whole = try run(settings(), data)
    var older = whole.checkpoints[3]
    older.settings.removeAll { $0.hasPrefix("rowShare=") }
    #expect(older.settings.count + 1 == whole.checkpoints[3].settings.count)
    older = try Checkpoint(parsing: older.serialized())
    #expect(try run(settings(), data, resuming: older).result.model == whole.result.model)
    let rowShare = CheckpointError.otherSetting(name: "rowShare", checkpoint: "1.0", asked: "0.5")
    #expect(throws: TrainingError.checkpoint(rowShare)) {
      try run(settings { $0.rowShare = 0.5 }, data, resuming: older)
    }
    older.settings.append("spin=up")
    let spin = CheckpointError.unknownSetting(name: "spin", checkpoint: "up")
    #expect(throws: TrainingError.checkpoint(spin)) {
      try run(settings(), data, resuming: older)
    }
  }

  @Test("bytes that are not a whole checkpoint are refused, whatever they are")
  func hostile() throws {
    let data = Tables.exclusiveOr(rows: 40)
    let bytes = try #require(try run(settings(), data).checkpoints.first).serialized()
    for length in stride(from: 0, to: bytes.count, by: 7) {
      #expect(throws: CheckpointError.self) { try Checkpoint(parsing: Array(bytes[..<length])) }
    }
    var random = RandomSource(seed: 1)
    for _ in 0..<200 {
      var changed = bytes
      changed[random.below(bytes.count)] ^= UInt8(1 + random.below(255))
      #expect(throws: CheckpointError.self) { try Checkpoint(parsing: changed) }
    }
    #expect(throws: CheckpointError.notACheckpoint) { try Checkpoint(parsing: [1, 2, 3]) }
  }
}
