// SPDX-License-Identifier: Apache-2.0
internal import NNQFormat
internal import NNQLinalg

/// A figure of merit on the rows held back.
public struct ValidationMetric: Equatable, Sendable {
  /// What is measured.
  public enum Name: String, Sendable {
    /// The share of right decisions; over all labels for multilabel.
    case accuracy
    /// Root mean squared error in the target's unit.
    case rmse
    /// 1 minus the share of the variance that is left, a mean over the targets.
    case r2
  }

  /// What is measured.
  public let name: Name
  /// The figure itself.
  public let value: Double

  /// Measures the network's outputs; nil for anomaly, where the loss says all.
  init?(
    of outputs: Matrix, targets: Matrix, task: ModelTask.Kind, scaling: [ModelTask.TargetScaling]
  ) {
    switch task {
    case .anomaly: return nil
    case .binary, .multilabel:
      let right = zip(outputs.elements, targets.elements).count { ($0 >= 0) == ($1 > 0.5) }
      self.init(name: .accuracy, value: Double(right) / Double(outputs.elements.count))
    case .multiclass:
      var right = 0
      for row in 0..<outputs.rows where outputs.highestColumn(of: row) == Int(targets[row, 0]) {
        right += 1
      }
      self.init(name: .accuracy, value: Double(right) / Double(outputs.rows))
    case .regression where scaling.count == 1:
      let error = Self.errors(of: outputs, targets, column: 0).squared / Double(outputs.rows)
      self.init(name: .rmse, value: error.squareRoot() * scaling[0].scale)
    case .regression:
      let shares = (0..<outputs.columns).map { column in
        let found = Self.errors(of: outputs, targets, column: column)
        return found.spread > 0 ? 1 - found.squared / found.spread : 0
      }
      self.init(name: .r2, value: shares.reduce(0, +) / Double(shares.count))
    }
  }

  /// The sums over the rows of the squared error and of the squared distance from the mean target.
  private static func errors(
    of outputs: Matrix, _ targets: Matrix, column: Int
  ) -> (squared: Double, spread: Double) {
    var mean = 0.0
    for row in 0..<targets.rows { mean += Double(targets[row, column]) }
    mean /= Double(targets.rows)
    var squared = 0.0
    var spread = 0.0
    for row in 0..<targets.rows {
      let error = Double(outputs[row, column]) - Double(targets[row, column])
      let distance = Double(targets[row, column]) - mean
      squared += error * error
      spread += distance * distance
    }
    return (squared, spread)
  }

  init(name: Name, value: Double) {
    self.name = name
    self.value = value
  }
}
