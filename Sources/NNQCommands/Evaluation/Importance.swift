// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQFormat

/// How much worse a model is when one feature's readings are shuffled among the rows.
///
/// A feature that the model does not use has an importance of exactly 0; one that it uses in vain
/// an importance around 0. Features that tell the same share their importance.
///
/// - Error: the 95 % interval takes in the chance of the shuffles and that of the rows: the mean
///   over the shuffles of what a row contributes has a standard error over the rows, the shuffles
///   have one of their own, and their squares add up.
/// - Source: L. Breiman, "Random Forests" (2001), section 10.
struct Importance: Sendable {
  struct Feature: Sendable {
    let name: String
    /// Positive when the model needs the feature.
    let loss: StudentInterval
  }

  /// `accuracy` (of all flags for multilabel), or `rmse` for a regression: of several targets, each
  /// in standard deviations of its truths, over all of them.
  let metric: String
  /// Of the rows as they are.
  let value: Double
  let repeats: Int
  /// The most important first.
  let features: [Feature]

  static let usualRepeats = 5
  /// Predictions before there are fewer repeats.
  private static let work = 50_000_000

  /// - Parameters:
  ///   - repeats: nil takes ``usualRepeats``, fewer for large tables.
  ///   - console: is told of each feature that is done.
  init(
    _ predictor: any Predictor, _ rows: ModelRows, _ truths: Truths, repeats: Int?, seed: UInt64,
    _ console: Console
  ) {
    let width = predictor.features.count
    let task = predictor.task
    let affordable = Self.work / max(1, rows.rows * width)
    let repeats = repeats ?? min(Self.usualRepeats, max(2, affordable))
    let isRoot = task.kind == .regression
    func scores(_ rows: ModelRows) -> [Double] {
      Outcomes(rows.predictions(predictor), truths, task).scoresOfRows
    }
    /// The metric of rows with these mean scores, and how fast it changes with the mean.
    func metric(_ mean: Double) -> (value: Double, slope: Double) {
      guard isRoot else { return (mean, 1) }
      let root = mean.squareRoot()
      return (root, root > 0 ? 1 / (2 * root) : 0)
    }
    let count = Double(rows.rows)
    let plain = scores(rows)
    let base = metric(plain.reduce(0, +) / count)
    var random = RandomSource(seed: seed, stream: 2)
    var features: [Feature] = []
    var progress = Progress("feature", total: width, on: console)
    for (column, feature) in predictor.features.enumerated() {
      var contributions = [Double](repeating: 0, count: rows.rows)
      var losses: [Double] = []
      for _ in 0..<repeats {
        var order = Array(0..<rows.rows)
        random.shuffle(&order)
        let shuffled = scores(rows.shuffling(column, of: width, order))
        let now = metric(shuffled.reduce(0, +) / count)
        losses.append(isRoot ? now.value - base.value : base.value - now.value)
        for row in contributions.indices {
          contributions[row] += now.slope * shuffled[row] - base.slope * plain[row]
        }
      }
      let ofRows = StudentInterval(contributions.map { $0 / Double(repeats) })
      let ofShuffles = StudentInterval(losses)
      let squares = [ofRows.error, ofShuffles.error].compactMap(\.self).reduce(0) { $0 + $1 * $1 }
      features.append(
        Feature(
          name: feature.name,
          loss: StudentInterval(
            mean: ofShuffles.mean, error: ofRows.error.map { _ in squares.squareRoot() },
            freedom: max(1, rows.rows - 1))))
      progress.update(column + 1, feature.name)
    }
    progress.finish()
    self.metric = isRoot ? "rmse" : "accuracy"
    value = base.value
    self.repeats = repeats
    self.features = features.enumerated().sorted {
      ($1.element.loss.mean, $0.offset) < ($0.element.loss.mean, $1.offset)
    }.map(\.element)
  }

  var table: Table {
    var table = Table([
      .text("feature"), .number(metric == "rmse" ? "rmse gained" : "\(metric) lost"),
      .number("95 % interval"),
    ])
    for feature in features {
      table.add([
        feature.name, Format.significant(feature.loss.mean, digits: 4),
        feature.loss.range.map {
          "\(Format.significant($0.lowerBound, digits: 3)) to "
            + Format.significant($0.upperBound, digits: 3)
        } ?? "",
      ])
    }
    return table
  }

  var json: JSON {
    [
      "metric": .string(metric), "value": .number(value), "repeats": .integer(repeats),
      "features": .array(
        features.map {
          [
            "name": .string($0.name), "importance": .number($0.loss.mean), "interval": $0.loss.json,
          ]
        }),
    ]
  }
}

extension Outcomes {
  /// What each row adds to the metric of importance: its share of right decisions, or its mean
  /// squared error.
  fileprivate var scoresOfRows: [Double] {
    let scales: [Double] =
      kind == .regression && width > 1
      ? (0..<width).map { target in
        let truths = stride(from: target, to: trueValues.count, by: width).map { trueValues[$0] }
        let mean = truths.reduce(0, +) / Double(max(truths.count, 1))
        let spread = truths.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return spread > 0 ? spread / Double(truths.count) : 1
      } : [1]
    return (0..<rows).map { row in
      let places = row * width..<(row + 1) * width
      let sum = places.reduce(0.0) { sum, place in
        guard kind == .regression else {
          return sum + (decisions[place] == truths[place] ? 1 : 0)
        }
        let error = values[place] - trueValues[place]
        return sum + error * error / scales[place - places.lowerBound]
      }
      return sum / Double(width)
    }
  }
}

extension ModelRows {
  /// The rows with one feature's readings in another order.
  fileprivate func shuffling(_ column: Int, of width: Int, _ order: [Int]) -> ModelRows {
    var shuffled = readings
    for (row, source) in order.enumerated() {
      shuffled[row * width + column] = readings[source * width + column]
    }
    return ModelRows(path: path, rows: rows, readings: shuffled)
  }
}
