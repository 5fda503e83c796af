// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// One side of a comparison: what it says of every row, and of its layers where they are known.
struct ComparisonSide {
  var predictions: [Prediction]
  /// What each layer hands on for a row, counted from 0; nil where that is not known.
  let trace: ((Int) -> LayerTrace)?
  /// The names of the layers; empty for answers of another runtime.
  let layerNames: [String]

  /// A model on these rows.
  ///
  /// - Parameter factors: `[layers][outputs]` on what its units hand on, all 1 for a layer of nil or
  ///   behind the end; nil where its layers are not to be compared.
  init(_ predictor: any Predictor, _ rows: ComparedRows, unitFactors factors: [[Float]?]? = []) {
    predictions = (0..<rows.rows).map { rows.prediction(predictor, $0) }
    trace = factors.map { factors in
      { row in
        var trace = rows.trace(predictor, row)
        for (layer, factors) in factors.prefix(trace.values.count).enumerated() {
          guard let factors, factors.count == trace.values[layer].count else { continue }
          for unit in factors.indices { trace.values[layer][unit] *= Double(factors[unit]) }
        }
        return trace
      }
    }
    layerNames = predictor.operations.enumerated().map { "\($1.name)\($0)" }
  }

  /// The answers of another runtime.
  init(_ predictions: [Prediction]) {
    self.predictions = predictions
    trace = nil
    layerNames = []
  }
}
