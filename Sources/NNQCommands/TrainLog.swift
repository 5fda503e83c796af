// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQFiles
import NNQFormat
import NNQTrain

/// The log of a training: one line of JSON for each pass, written as the pass ends.
struct TrainLog: ~Copyable {
  private var lines: AppendedFile

  /// Begins an empty file, or goes on in one.
  ///
  /// - Parameter epoch: the passes that are done; what a file says of later ones, which are done again,
  ///   is cut off. Nil begins the file.
  init(_ path: String, after epoch: Int?) throws(FileError) {
    let kept = try epoch.map { (epoch) throws(FileError) in
      try Self.bytes(in: path, through: epoch)
    }
    lines = try AppendedFile(path, keeping: kept ?? 0)
  }

  /// The bytes of the whole lines at the start of a log that are of passes up to this one; 0 for what
  /// is no regular file.
  private static func bytes(in path: String, through epoch: Int) throws(FileError) -> Int {
    var status = stat()
    guard path != "-", unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      return 0
    }
    let bytes = try readFile(path, limit: mostBytes)
    var end = 0
    while let newline = bytes[end...].firstIndex(of: 0x0A) {
      let line = bytes[end..<newline]
      guard line.starts(with: heading) else { break }
      let digits = line.dropFirst(heading.count).prefix { (0x30...0x39).contains($0) }
      guard let logged = Int(String(decoding: digits, as: UTF8.self)), logged <= epoch else {
        break
      }
      end = newline + 1
    }
    return end
  }

  /// What each line starts with, the number of the pass behind it.
  private static let heading = Array(#"{"schema": 1, "epoch": "#.utf8)
  private static let mostBytes = 1 << 30

  mutating func write(_ report: EpochReport) throws(FileError) {
    try lines.append(report.json.text + "\n")
  }
}

extension EpochReport {
  /// What the log says of a pass; losses and figures that are not finite are null.
  var json: JSON {
    .answer([
      "epoch": .integer(epoch),
      "train_loss": .number(trainLoss),
      "validation_loss": JSON(validationLoss),
      "validation_metric": validationMetric.map {
        ["name": .string($0.name.rawValue), "value": .number($0.value)]
      } ?? .null,
      "learning_rate": .number(learningRate),
      "rows_per_second": .number(rowsPerSecond),
      "best": .boolean(isBest),
      "layers": .array(layers.map(\.json)),
    ])
  }
}

extension LayerReport {
  fileprivate var json: JSON {
    [
      "operation": .string(operation), "outputs": .integer(outputs),
      "activation": .string(activation.name), "mean": .number(mean),
      "deviation": .number(deviation), "dead_units": .number(deadUnits),
      "saturated": .number(saturated), "gradient_norm": .number(gradientNorm),
      "parameter_norm": .number(parameterNorm), "update_ratio": JSON(updateRatio),
    ]
  }
}
