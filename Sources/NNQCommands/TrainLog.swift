// SPDX-License-Identifier: Apache-2.0
import NNQFiles
import NNQFormat
import NNQTrain

/// The log of a training: one line of JSON for each pass, written as the pass ends.
struct TrainLog: ~Copyable {
  private var lines: AppendedFile

  /// Begins an empty file.
  init(_ path: String) throws(FileError) { lines = try AppendedFile(path) }

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
