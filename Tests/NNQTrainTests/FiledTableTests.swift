// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQFiles
import NNQFormat
import NNQTestSupport
import NNQTrain
import Testing

/// Training on a table whose readings are in a file, against the same in memory.
@Suite struct FiledTableTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let header: String
    let row: @Sendable (Int, [Float]) -> String
    var settings = TrainingSettings()
  }

  static let cases: [Case] = [
    Case(testDescription: "two classes", header: "a,b,label") { _, x in
      "\(x[0]),\(x[1]),\(x[0] * x[1] > 0 ? "in" : "out")"
    },
    Case(testDescription: "numbers with missing readings", header: "a,b,target") { row, x in
      "\(row % 9 == 4 ? "" : "\(x[0])"),\(x[1]),\(x[0] + 2 * x[1])"
    },
    Case(testDescription: "normal rows among others", header: "a,b,label") { row, x in
      "\(x[0]),\(x[1]),\(row % 5 == 0 ? "worn" : "normal")"
    },
  ]

  @Test("gives the same model, byte for byte", arguments: cases, [1, 2])
  func same(_ sample: Case, threads: Int) throws {
    let folder = TemporaryFolder()
    var random = RandomSource(seed: 31)
    let rows = (0..<3000).map { row in
      sample.row(row, (0..<2).map { _ in Float(random.normal()) })
    }
    let path = folder.put(([sample.header] + rows).joined(separator: "\n") + "\n", in: "t.csv")
    let limit = MemoryLimit(
      bytes: 90_000, bytesPerReading: 400, bytesPerRow: 100, fixedBytes: 0, bytesPerFiledRow: 20)
    var settings = sample.settings
    settings.hidden = [6]
    settings.epochs = 3
    settings.threads = threads
    settings.missingReadings = .median
    if sample.testDescription.hasPrefix("normal") { settings.task = .anomaly }
    var checkpoints: [[UInt8]] = []
    let models = try [nil, limit].map { limit in
      let data = try Dataset(reading: path, columns: .training(), limit: limit)
      #expect((data.file != nil) == (limit != nil))
      let result = try Trainer(settings: settings).train(
        data, keep: { checkpoint in checkpoints.append(checkpoint.serialized()) })
      return try Model.float(result.model).serialized()
    }
    #expect(models[0] == models[1])
    // They tell the same rows apart from others, so that either goes on where the other ended.
    #expect(Array(checkpoints[..<3]) == Array(checkpoints[3...]))
  }

  @Test("still refuses a reading that is missing, by its row")
  func missing() throws {
    let folder = TemporaryFolder()
    let rows = (0..<2000).map { "\($0 == 1500 ? "" : "1"),\($0 % 2)" }
    let path = folder.put((["a,label"] + rows).joined(separator: "\n"), in: "t.csv")
    let limit = MemoryLimit(
      bytes: 90_000, bytesPerReading: 400, bytesPerRow: 100, fixedBytes: 0, bytesPerFiledRow: 20)
    let data = try Dataset(reading: path, columns: .training(), limit: limit)
    #expect(throws: TrainingError.missingReading(feature: "a", row: 1500)) {
      try Trainer(settings: TrainingSettings()).train(data)
    }
  }
}
