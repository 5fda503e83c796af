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
    /// Infinite where a value is not finite on one side.
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
  /// Infinite where a value is not finite on one side.
  let maxAbsoluteError: Double
  /// Values that differ by no finite number: NaN on a side, or infinite on one alone.
  let notFinite: Int
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
    let distances = pairs.map { zip($0.outputs, $1.outputs).map(distance) }
    let errors = distances.map { $0.max() ?? 0 }
    notFinite = distances.reduce(0) { $0 + $1.count { !$0.isFinite } }
    // No decision can be taken from what is not finite.
    let same = zip(pairs, errors).flatMap { pair, error in
      let labels = pair.0.label.map { [$0 == pair.1.label] } ?? []
      return (labels + zip(pair.0.flags, pair.1.flags).map { $0 == $1 })
        .map { $0 && error.isFinite }
    }
    decisions = same.count
    flipped = same.count { !$0 }
    sqnr = signalToNoise(
      outputs: max(a.first?.outputs.count ?? 1, 1), exact: a.flatMap(\.outputs),
      quantized: b.flatMap(\.outputs))
    isBitExact = pairs.allSatisfy { $0.codes == $1.codes && $0.outputs == $1.outputs }
    maxAbsoluteError = errors.max() ?? 0
    worst = errors.indices.sorted { (-errors[$0], $0) < (-errors[$1], $1) }.prefix(5)
      .filter { errors[$0] > 0 }
      .map { row in
        WorstRow(
          row: row + 1, error: errors[row], first: a[row].outputs, second: b[row].outputs,
          isFlip: !same.isEmpty
            && (a[row].label != b[row].label || a[row].flags != b[row].flags
              || !errors[row].isFinite)
        )
      }
    let traces = Traces(first, second)
    layers = traces.layers
    layerNames = first.layerNames
    let last = max(layerNames.count - 1, 0)
    firstDifference =
      traces.firstDifference ?? FirstDifference(layer: last, first.predictions, second.predictions)
  }
}

/// How far two values are apart: 0 where they are equal, infinite where that is no finite number.
private func distance(_ first: Double, _ second: Double) -> Double {
  if first == second { return 0 }
  let distance = abs(first - second)
  return distance.isNaN ? .infinity : distance
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
