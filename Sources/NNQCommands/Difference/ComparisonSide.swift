// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// One side of a comparison: what it says of every row, and of its layers where they are known.
struct ComparisonSide {
  var predictions: [Prediction]
  /// What each layer hands on for a row, counted from 0; nil for answers of another runtime.
  let trace: ((Int) -> LayerTrace)?
  /// The names of the layers; empty for answers of another runtime.
  let layerNames: [String]

  /// A model on these rows.
  init(_ predictor: any Predictor, _ rows: ComparedRows) {
    predictions = (0..<rows.rows).map { rows.prediction(predictor, $0) }
    trace = { rows.trace(predictor, $0) }
    layerNames = predictor.operations.enumerated().map { "\($1.name)\($0)" }
  }

  /// The answers of another runtime.
  init(_ predictions: [Prediction]) {
    self.predictions = predictions
    trace = nil
    layerNames = []
  }
}
