// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQQuantize

/// Two models side by side on the same rows.
struct Comparison {
  struct Layer {
    let name: String
    /// Infinite where the two are equal, nil where the first is constant.
    let sqnr: Double?
    /// The share of the second model's codes at an end of their range; nil for a float model.
    let saturated: Double?
  }

  struct WorstRow {
    /// Counted from 1.
    let row: Int
    let error: Double
    let first: [Double]
    let second: [Double]
    let isFlip: Bool
  }

  let rows: Int
  /// Decisions that were compared: one a row, or one a label for multilabel; 0 for regression.
  let decisions: Int
  let flipped: Int
  let sqnr: Double?
  let maxAbsoluteError: Double
  /// Every output code (or every float output) is the same.
  let isBitExact: Bool
  /// Empty when the models have other layers or those of a side are not known.
  let layers: [Layer]
  /// Of the first side.
  let layerNames: [String]
  /// Nil when both sides answer the same.
  let firstDifference: FirstDifference?
  let worst: [WorstRow]

  /// The share of decisions that differ; nil for regression.
  var flips: Double? { decisions > 0 ? Double(flipped) / Double(decisions) : nil }
  var flipsInterval: ClosedRange<Double>? {
    decisions > 0 ? binomialInterval(hits: flipped, trials: decisions) : nil
  }

  /// - Shape: both sides have the same rows.
  init(_ first: ComparisonSide, _ second: ComparisonSide) {
    let (a, b) = (first.predictions, second.predictions)
    rows = a.count
    let pairs = zip(a, b)
    let flags = pairs.flatMap { zip($0.flags, $1.flags).map { $0 == $1 } }
    let labels = pairs.compactMap { pair in pair.0.label.map { $0 == pair.1.label } }
    let same = flags + labels
    decisions = same.count
    flipped = same.count { !$0 }
    sqnr = signalToNoise(
      outputs: max(a.first?.outputs.count ?? 1, 1), exact: a.flatMap(\.outputs),
      quantized: b.flatMap(\.outputs))
    isBitExact = pairs.allSatisfy { $0.codes == $1.codes && $0.outputs == $1.outputs }
    let errors = pairs.map { pair in
      zip(pair.0.outputs, pair.1.outputs).reduce(0) { max($0, abs($1.0 - $1.1)) }
    }
    maxAbsoluteError = errors.max() ?? 0
    worst = errors.indices.sorted { (-errors[$0], $0) < (-errors[$1], $1) }.prefix(5)
      .filter { errors[$0] > 0 }
      .map { row in
        WorstRow(
          row: row + 1, error: errors[row], first: a[row].outputs, second: b[row].outputs,
          isFlip: a[row].label != b[row].label || a[row].flags != b[row].flags)
      }
    let traces = Traces(first, second)
    layers = traces.layers
    layerNames = first.layerNames
    let last = max(layerNames.count - 1, 0)
    firstDifference =
      traces.firstDifference ?? FirstDifference(layer: last, first.predictions, second.predictions)
  }
}

/// What the layers of both sides hand on, over all rows.
private struct Traces {
  private(set) var layers: [Comparison.Layer] = []
  private(set) var firstDifference: FirstDifference?

  /// Nothing when the sides have other layers or those of one are not known.
  init(_ first: ComparisonSide, _ second: ComparisonSide) {
    guard let traceA = first.trace, let traceB = second.trace else { return }
    let rows = first.predictions.count
    var signals: [[Double]] = []
    var approximations: [[Double]] = []
    var saturated: [Int] = []
    for row in 0..<rows {
      let (a, b) = (traceA(row), traceB(row))
      guard a.values.map(\.count) == b.values.map(\.count) else { return }
      if row == 0 {
        signals = a.values.map { _ in [] }
        approximations = signals
        saturated = b.saturated.map { _ in 0 }
      }
      for layer in a.values.indices {
        signals[layer] += a.values[layer]
        approximations[layer] += b.values[layer]
      }
      for layer in saturated.indices { saturated[layer] += b.saturated[layer] }
      let limit = firstDifference?.layer ?? a.values.count
      if let place = FirstDifference(a, b, row: row + 1, before: limit) { firstDifference = place }
    }
    layers = signals.indices.map { index in
      let count = signals[index].count
      return Comparison.Layer(
        name: first.layerNames[index],
        sqnr: signalToNoise(
          outputs: max(count / rows, 1), exact: signals[index],
          quantized: approximations[index]),
        saturated: saturated.isEmpty ? nil : Double(saturated[index]) / Double(max(count, 1)))
    }
  }
}
