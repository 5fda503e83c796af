// SPDX-License-Identifier: Apache-2.0
import NNQFormat

extension StateLayout {
  /// What is counted of a model's answers.
  ///
  /// Int8: the margin of each decision, in codes or score units, and the output codes of a
  /// regression. Float: the logit (binary, multilabel), the difference of the two highest logits
  /// (multiclass), the anomaly score, the value of a regression in its target's unit.
  static func scores(_ model: Model, _ task: ModelTask) -> [StateQuantity] {
    guard case .int8(let int8) = model else { return floatScores(task) }
    let image = int8.image
    let sizes = [1] + magnitudes(1...16)
    let both = ascending(sizes.flatMap { [$0, -$0] } + [0])
    switch task.kind {
    case .binary: return [StateQuantity(name: "margin", edges: both)]
    case .multiclass: return [StateQuantity(name: "margin", edges: sizes)]
    case .multilabel: return task.targets.map { StateQuantity(name: $0, edges: both) }
    case .anomaly:
      // The ratio 1 gives the edge 0, from which on a row is normal.
      let threshold = Double(image.scoreThreshold)
      let edges = ratios.map { ((1 - $0) * threshold).rounded(.down) }
      return [StateQuantity(name: "margin", edges: ascending(edges))]
    case .regression:
      let range = image.outputWidth.range
      let edges = stride(from: range.lowerBound, through: range.upperBound, by: range.count / 64)
      return task.targets.map { StateQuantity(name: $0, edges: edges.map(Double.init)) }
    }
  }

  private static func floatScores(_ task: ModelTask) -> [StateQuantity] {
    let sizes = magnitudes(-6...6)
    let both = ascending(sizes.flatMap { [$0, -$0] } + [0])
    switch task.kind {
    case .binary: return [StateQuantity(name: "logit", edges: both)]
    case .multiclass: return [StateQuantity(name: "margin", edges: sizes)]
    case .multilabel: return task.targets.map { StateQuantity(name: $0, edges: both) }
    case .anomaly:
      let edges = task.thresholds.flatMap { threshold in ratios.map { $0 * threshold } }
      return [StateQuantity(name: "score", edges: ascending(edges))]
    case .regression:
      return zip(task.targets, task.targetScaling).map { name, scaling in
        let edges = (-32...32).map { scaling.offset + scaling.scale * Double($0) / 8 }
        return StateQuantity(name: name, edges: ascending(edges))
      }
    }
  }

  /// Two numbers for each octave: 2^k and 1.5 * 2^k.
  private static func magnitudes(_ octaves: ClosedRange<Int>) -> [Double] {
    octaves.flatMap { octave in
      let power = Double(sign: .plus, exponent: octave, significand: 1)
      return [power, 1.5 * power]
    }
  }

  /// Where the edges of an anomaly score lie, in multiples of its threshold.
  private static let ratios: [Double] = [
    0.0625, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1, 1.25, 1.5, 2, 3, 4, 8, 16,
  ]

  /// The scores of a float model's answer, in the order of ``scores``.
  ///
  /// - Parameters:
  ///   - output: what the last layer hands on.
  ///   - values: regression: in the targets' units.
  ///   - anomalyScore: anomaly: the mean squared difference.
  public func floatScores(
    output: [Double], values: [Double] = [], anomalyScore: Double? = nil
  ) -> [Double] {
    switch task {
    case .binary, .multilabel: return output
    case .regression: return values
    case .anomaly: return [anomalyScore ?? 0]
    case .multiclass:
      let highest = output.max() ?? 0
      let place = output.firstIndex(of: highest)
      let second = output.indices.filter { $0 != place }.map { output[$0] }.max() ?? highest
      return [highest - second]
    }
  }
}
