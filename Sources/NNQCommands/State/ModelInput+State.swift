// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQState

extension ModelInput {
  /// The counts of rows and of what the model said of them.
  ///
  /// - Throws: ``StateError``.
  func state(of rows: ModelRows, _ predictions: [Prediction]) throws -> ModelState {
    var state = ModelState(try StateLayout(model))
    let width = rows.original.count / max(rows.rows, 1)
    let readings = rows.original.span
    for (row, prediction) in predictions.enumerated() {
      let own = readings.extracting(row * width..<(row + 1) * width)
      guard case .int8(let model) = model else {
        try state.add(
          readings: own,
          floatScores: state.layout.floatScores(
            output: prediction.outputs, values: prediction.values,
            anomalyScore: prediction.anomalyScore),
          label: prediction.label, flags: prediction.flags)
        continue
      }
      let codes = model.codes(rows.row(row))
      try state.add(
        readings: own, input: codes.span, output: prediction.codes.span,
        verdict: prediction.verdict)
    }
    return state
  }
}

extension Prediction {
  /// The decision of an int8 model.
  fileprivate var verdict: Verdict {
    if let label { return .label(label, margin: margins[0]) }
    return flags.isEmpty ? .values : .flags(flags, margins: margins)
  }
}
