// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQTestSupport

@testable import NNQCommands

/// A model that the command line trained and quantized once for all tests of a task.
struct TrainedModel: Sendable {
  let kind: ModelTask.Kind
  let test: SampleTable
  let float: [UInt8]
  let int8: [UInt8]
  let image: [UInt8]

  static func of(_ kind: ModelTask.Kind) -> TrainedModel { all[Int(kind.rawValue) - 1] }

  private static let all: [TrainedModel] = ModelTask.Kind.allCases.map { TrainedModel($0) }

  private init(_ kind: ModelTask.Kind) {
    let folder = TemporaryFolder()
    let table = folder.put(SampleTable(kind, rows: 240, seed: 11).csv, in: "train.csv")
    let trained = nnq(
      "train", table, "-o", folder("model.bin"), "--hidden", "12,8", "--epochs", "40",
      "--learning-rate", "0.01", "--quiet")
    let quantized = nnq("quantize", folder("model.bin"))
    guard let float = folder.bytes("model.bin"), let int8 = folder.bytes("model.int8.bin"),
      case .int8(let model)? = try? Model(parsing: int8), let image = try? model.image.serialized()
    else {
      preconditionFailure("no model: \(trained.errors)\(quantized.errors)")
    }
    self.kind = kind
    self.float = float
    self.int8 = int8
    self.image = image
    test = SampleTable(kind, rows: 60, seed: 12, hasAnomalies: kind == .anomaly)
  }

  /// The files in a folder of a test's own, where it may damage them.
  func files() -> Files { Files(self) }

  struct Files {
    let folder = TemporaryFolder()
    let float: String
    let int8: String
    let image: String
    let test: String

    init(_ model: TrainedModel) {
      float = folder.put(model.float, in: "model.bin")
      int8 = folder.put(model.int8, in: "model.int8.bin")
      image = folder.put(model.image, in: "model.image")
      test = folder.put(model.test.csv, in: "test.csv")
    }
  }
}
