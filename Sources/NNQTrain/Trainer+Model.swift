// SPDX-License-Identifier: Apache-2.0
internal import NNQData
internal import NNQFormat
internal import NNQLinalg

extension Trainer {
  /// The share of the training rows whose score an anomaly threshold lets pass.
  static let normalShare = 0.99

  /// Puts the trained network together with all that is needed to use and to quantize it.
  func makeModel(
    _ network: Network<Float>, prepared: PreparedData, best: EpochReport?, epochs: Int
  ) throws(TrainingError) -> FloatModel {
    return FloatModel(
      layers: network.modelLayers, features: prepared.features,
      task: makeTask(network, prepared: prepared),
      statistics: try FeatureStatistics(of: prepared.data), calibration: makeCalibration(prepared),
      provenance: makeProvenance(prepared, best: best, epochs: epochs))
  }

  private func makeTask(_ network: Network<Float>, prepared: PreparedData) -> ModelTask {
    let task = prepared.task
    var names = task.targets.map { prepared.data.targets[$0].name }
    let thresholds: [Double]
    switch task.kind {
    case .binary: thresholds = [0.5]
    case .multilabel: thresholds = names.map { _ in 0.5 }
    case .multiclass, .regression: thresholds = []
    case .anomaly:
      if names.isEmpty { names = [""] }
      let scores = reconstructionErrors(of: network, prepared.inputs).sorted()
      thresholds = [scores[Int((Self.normalShare * Double(scores.count - 1)).rounded())]]
    }
    return ModelTask(
      kind: task.kind, targets: names, labels: task.labels, thresholds: thresholds,
      targetScaling: prepared.targets.scaling)
  }

  /// The mean squared difference between the network's input and output, for each row.
  private func reconstructionErrors(
    of network: Network<Float>, _ inputs: NetworkRows
  ) -> [Double] {
    var errors: [Double] = []
    errors.reserveCapacity(inputs.rows)
    network.forEachPiece(of: inputs) { x, y in
      for row in 0..<x.rows {
        var sum = 0.0
        for column in 0..<x.columns {
          let difference = Double(x[row, column]) - Double(y[row, column])
          sum += difference * difference
        }
        errors.append(sum / Double(x.columns))
      }
    }
    return errors
  }

  private func makeCalibration(_ prepared: PreparedData) -> CalibrationRows {
    let (data, features) = (prepared.data, prepared.features)
    let rows = CalibrationRows.select(rows: data.rows, features: features.count) { index in
      data.column(index).map(features[index].present)
    }
    var targets = [Float]()
    for row in rows {
      for (place, index) in prepared.task.targets.enumerated() {
        switch prepared.task.kind {
        case .binary, .multiclass: targets.append(prepared.targets.values?[row, place] ?? 0)
        case .multilabel, .regression: targets.append(data.targets[index].values[row])
        // Every row that an anomaly model learns from is normal: class 0.
        case .anomaly: targets.append(0)
        }
      }
    }
    return CalibrationRows(
      rows: rows.count,
      readings: rows.flatMap { row in
        zip(data.row(row), features).map { reading, feature in feature.present(reading) }
      },
      targets: targets)
  }

  private func makeProvenance(
    _ prepared: PreparedData, best: EpochReport?, epochs: Int
  ) -> Provenance {
    var provenance = settings.provenance
    if !prepared.data.sourceSHA256.isEmpty {
      provenance["data-sha256"] = prepared.data.sourceSHA256
    }
    provenance["seed"] = "\(settings.seed)"
    provenance["optimizer"] = settings.optimizer.rawValue
    provenance["loss"] = prepared.loss.function.rawValue
    provenance["learning-rate"] = "\(prepared.hyperparameters.learningRate)"
    provenance["schedule"] = settings.schedule.rawValue
    provenance["weight-decay"] = "\(prepared.hyperparameters.weightDecay)"
    provenance["batch"] = "\(prepared.hyperparameters.batch)"
    provenance["epochs"] = "\(epochs)"
    provenance["epochs-allowed"] = "\(prepared.hyperparameters.epochs)"
    provenance["patience"] = "\(settings.patience)"
    provenance["validation"] = "\(settings.validation)"
    provenance["held-back"] = prepared.heldBack.rawValue
    provenance["missing-readings"] = settings.missingReadings.rawValue
    for (name, value, usual) in [
      ("normalization", settings.normalization.rawValue, "none"),
      ("residual", "\(settings.isResidual)", "false"), ("dropout", "\(settings.dropout)", "0.0"),
      ("noise", "\(settings.noise)", "0.0"), ("l2", "\(settings.l2)", "0.0"),
      ("label-smoothing", "\(settings.labelSmoothing)", "0.0"),
      ("momentum", "\(settings.momentum)", "0.0"),
      ("row-share", "\(settings.rowShare)", "1.0"),
      ("accumulation", "\(settings.accumulation)", "1"),
      ("clip-norm", settings.clipNorm.map { "\($0)" } ?? "", ""),
      ("clip-value", settings.clipValue.map { "\($0)" } ?? "", ""),
      ("reproducible", "\(settings.isReproducible)", "false"),
    ] where value != usual {
      provenance[name] = value
    }
    provenance["class-weights"] = settings.classWeights.name
    provenance["rows-fitted"] = "\(prepared.fitted.count)"
    provenance["rows-validated"] = "\(prepared.validation.count)"
    guard let best else { return provenance }
    provenance["best-epoch"] = "\(best.epoch)"
    if let loss = best.validationLoss { provenance["validation-loss"] = "\(loss)" }
    if let metric = best.validationMetric {
      provenance["validation-\(metric.name.rawValue)"] = "\(metric.value)"
    }
    return provenance
  }
}
