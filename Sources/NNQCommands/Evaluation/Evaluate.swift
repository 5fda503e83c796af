// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// The metrics of predictions against the truth.
///
/// Rows are ranked by logits (float) or output codes (int8), so that ranking loses nothing to the
/// rounding of probabilities.
func evaluate(_ predictions: [Prediction], _ truths: Truths, _ task: ModelTask) -> Metrics {
  switch truths {
  case .labels(let truths):
    let decisions = predictions.map { $0.label ?? 0 }
    switch task.kind {
    case .multiclass:
      return .multiclass(
        classes: task.labels.count, scores: predictions.flatMap(\.scores), kind: .rank,
        decisions: decisions, truths: truths)
    case .anomaly:
      return .anomaly(
        scores: predictions.map { $0.anomalyScore ?? 0 }, decisions: decisions.map { $0 == 1 },
        truths: truths.map { $0 == 1 })
    default:
      return .binary(
        scores: predictions.flatMap(\.scores), kind: .rank, decisions: decisions.map { $0 == 1 },
        truths: truths.map { $0 == 1 })
    }
  case .flags(let truths):
    return .multilabel(
      labels: task.targets.count, scores: predictions.flatMap(\.scores),
      decisions: predictions.flatMap(\.flags), truths: truths)
  case .values(let truths):
    return .regression(
      targets: task.targets, predictions: predictions.flatMap(\.values), truths: truths)
  }
}
