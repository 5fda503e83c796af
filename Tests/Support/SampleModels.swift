// SPDX-License-Identifier: Apache-2.0
public import NNQFormat

/// A float model with random weights, features in unlike units and calibration rows.
///
/// - Parameters:
///   - widths: inputs, hidden widths, outputs.
///   - counted: declare every feature as an integer sensor count.
public func sampleFloatModel(
  _ kind: ModelTask.Kind, widths: [Int], activation: Activation = .relu, rows: Int = 64,
  counted: Bool = false, seed: UInt64
) -> FloatModel {
  var random = TestRandom(seed: seed)
  let layers = zip(widths, widths.dropFirst()).enumerated().map { index, shape in
    let (inputs, outputs) = shape
    let spread = (2 / Double(inputs)).squareRoot()
    return FloatModel.Layer(
      inputs: inputs, outputs: outputs,
      weights: (0..<inputs * outputs).map { _ in Float(random.normal() * spread) },
      bias: (0..<outputs).map { _ in Float(random.normal() * 0.1) },
      activation: index == widths.count - 2 ? .identity : activation)
  }
  let features = (0..<widths[0]).map { index in
    let scale = [0.01, 1, 40, 2500][index % 4]
    return Feature(
      name: "sensor\(index)", unit: ["g", "degC", "mbar", "rpm"][index % 4],
      offset: scale * Double(index % 5), scale: scale,
      replacement: index % 3 == 0 ? scale : nil,
      counts: counted
        ? SensorCounts(unitPerCount: scale / 100, zeroValue: -scale, range: -32_768...32_767) : nil)
  }
  let readings = (0..<rows).flatMap { _ in
    features.map { Float($0.offset + random.normal() * $0.scale) }
  }
  let outputs = widths[widths.count - 1]
  let quantiles = features.indices.map { column in
    let sorted = (0..<rows).map { readings[$0 * features.count + column] }.sorted()
    return FeatureStatistics.standardProbabilities.map {
      sorted[Int($0 * Double(rows - 1))]
    }
  }
  let task = sampleTask(kind, outputs: outputs)
  let targets: [Float] = (0..<rows).flatMap { row in
    task.targets.map { _ in Float(row % 2) }
  }
  return FloatModel(
    layers: layers, features: features, task: task,
    statistics: FeatureStatistics(
      probabilities: FeatureStatistics.standardProbabilities, quantiles: quantiles),
    calibration: CalibrationRows(rows: rows, readings: readings, targets: targets),
    provenance: Provenance(["seed": "\(seed)", "tool-version": "test"]))
}

private func sampleTask(_ kind: ModelTask.Kind, outputs: Int) -> ModelTask {
  switch kind {
  case .binary:
    ModelTask(kind: kind, targets: ["label"], labels: ["healthy", "faulty"], thresholds: [0.5])
  case .multiclass:
    ModelTask(kind: kind, targets: ["label"], labels: (0..<outputs).map { "class\($0)" })
  case .multilabel:
    ModelTask(
      kind: kind, targets: (0..<outputs).map { "label_\($0)" },
      thresholds: (0..<outputs).map { 0.5 - 0.02 * Double($0 % 8) })
  case .regression:
    ModelTask(
      kind: kind, targets: (0..<outputs).map { "target\($0)" },
      targetScaling: (0..<outputs).map {
        ModelTask.TargetScaling(offset: 450 - Double($0), scale: 17.1 + Double($0))
      })
  case .anomaly:
    ModelTask(
      kind: kind, targets: [""], labels: ["normal", "anomaly"], thresholds: [1.25])
  }
}

/// The shapes that stand for each task in tests that go over all of them.
public let sampleShapes: [(ModelTask.Kind, [Int], Activation)] = [
  (.binary, [5, 7, 3, 1], .relu),
  (.multiclass, [6, 9, 4], .tanh),
  (.multilabel, [8, 5, 3], .sigmoid),
  (.regression, [4, 6, 2], .relu),
  (.anomaly, [9, 4, 9], .tanh),
]
