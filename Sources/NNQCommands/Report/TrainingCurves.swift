// SPDX-License-Identifier: Apache-2.0
import NNQTrain

/// The course of a training for its report: of a very long one every second, fourth, ... epoch.
struct TrainingCurves {
  /// One pass over the rows.
  struct Point: Sendable {
    let epoch: Int
    let trainLoss: Double
    let learningRate: Double
    var validationLoss: Double?
    var metric: Double?
  }

  private(set) var points: [Point] = []
  /// The name of the points' metric; empty where there is none.
  private(set) var metric = ""
  private var step = 1

  /// The most epochs that are kept.
  static let limit = 2000

  mutating func add(_ report: EpochReport) {
    metric = report.validationMetric?.name.rawValue ?? ""
    add(
      Point(
        epoch: report.epoch, trainLoss: report.trainLoss, learningRate: report.learningRate,
        validationLoss: report.validationLoss, metric: report.validationMetric?.value))
  }

  mutating func add(_ point: Point) {
    guard point.epoch.isMultiple(of: step) else { return }
    points.append(point)
    guard points.count > Self.limit else { return }
    step *= 2
    points.removeAll { !$0.epoch.isMultiple(of: step) }
  }

  var charts: [Chart] {
    let epochs = Chart.Axis(title: "epoch")
    func series(_ name: String, _ value: (Point) -> Double?) -> Chart.Series? {
      guard points.contains(where: { value($0) != nil }) else { return nil }
      return Chart.Series(name: name, points: points.map { (Double($0.epoch), value($0) ?? .nan) })
    }
    let losses = [
      series("training", \.trainLoss), series("held back", \.validationLoss),
    ].compactMap(\.self)
    guard !losses.isEmpty else { return [] }
    var charts = [
      Chart(
        title: "Loss", x: epochs,
        y: .init(title: "loss", isLogarithmic: Self.spansDecades(losses)), series: losses)
    ]
    if let course = series(metric, \.metric) {
      charts.append(
        Chart(
          title: "\(metric) of the rows held back", x: epochs, y: .init(title: metric),
          series: [course]))
    }
    if let rate = series("learning rate", \.learningRate) {
      charts.append(
        Chart(title: "Learning rate", x: epochs, y: .init(title: "learning rate"), series: [rate]))
    }
    return charts
  }

  /// Whether values lie so far apart that most of them would lie on the axis.
  private static func spansDecades(_ series: [Chart.Series]) -> Bool {
    let values = series.flatMap { $0.points.map(\.y) }.filter(\.isFinite)
    guard let least = values.min(), let most = values.max(), least > 0 else { return false }
    return most > 50 * least
  }
}
