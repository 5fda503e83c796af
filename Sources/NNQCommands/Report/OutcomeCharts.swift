// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQWords

extension Outcomes {
  /// More curves in one chart could not be told apart.
  private static let mostCurves = 8
  /// More points would hide each other.
  private static let mostPoints = 1000
  private static let unit = 0.0...1.0

  /// ROC, precision and recall, and reliability; for a regression what is predicted and by how much
  /// it is wrong.
  var charts: [Chart] {
    kind == .regression ? names.indices.flatMap(errorCharts) : rankingCharts + reliabilityCharts
  }

  /// What the charts leave out; nil when they show all.
  var chartNote: String? {
    if kind == .regression {
      return rows > Self.mostPoints
        ? "The charts show \(drawnRows.count) rows of \(rows), evenly taken." : nil
    }
    return columns > Self.mostCurves
      ? "The curves show the \(Self.mostCurves) most frequent of \(columns) classes." : nil
  }

  // MARK: - Decisions

  /// The columns of the scores that have a curve, with their names.
  private var drawnColumns: [(column: Int, name: String)] {
    if columns == 1 { return [(0, printable(kind == .multilabel ? names[0] : names.last ?? ""))] }
    let counts = (0..<columns).map { column in
      (0..<rows).count { isTrue($0, column: column) }
    }
    let frequent = (0..<columns).sorted { (counts[$1], $0) < (counts[$0], $1) }
    return frequent.prefix(Self.mostCurves).sorted().map { ($0, printable(names[$0])) }
  }

  private var rankingCharts: [Chart] {
    let curves = drawnColumns.compactMap { column, name -> (name: String, [Ranking.Point])? in
      let ranking = Ranking(
        scores: (0..<rows).map { scores[$0 * columns + column] },
        truths: (0..<rows).map { isTrue($0, column: column) })
      guard let points = ranking?.curve(), !points.isEmpty else { return nil }
      return (name, points)
    }
    guard !curves.isEmpty else { return [] }
    let chance = Chart.Series(name: "chance", points: [(0, 0), (1, 1)], isGuide: true)
    return [
      Chart(
        title: "ROC", x: .init(title: "share of false rows taken", range: Self.unit),
        y: .init(title: "recall", range: Self.unit),
        series: curves.map { name, points in
          .init(name: name, points: [(0, 0)] + points.map { ($0.falseAlarms, $0.recall) })
        } + [chance]),
      Chart(
        title: "Precision and recall", x: .init(title: "recall", range: Self.unit),
        y: .init(title: "precision", range: Self.unit),
        series: curves.map { name, points in
          .init(name: name, points: points.map { ($0.recall, $0.precision) })
        }),
    ]
  }

  private var reliabilityCharts: [Chart] {
    guard !probabilities.isEmpty else { return [] }
    let points = Reliability(self).bins.compactMap { bin -> (x: Double, y: Double)? in
      guard let probability = bin.probability, let frequency = bin.frequency else { return nil }
      return (probability, frequency)
    }
    return [
      Chart(
        title: "Reliability",
        x: .init(title: "mean probability of a bin", range: Self.unit),
        y: .init(title: "share that is true", range: Self.unit),
        series: [
          .init(name: "model", points: points),
          .init(name: "honest", points: [(0, 0), (1, 1)], isGuide: true),
        ])
    ]
  }

  // MARK: - Values

  /// At most ``mostPoints``, evenly taken.
  private var drawnRows: [Int] {
    let step = max(1, (rows + Self.mostPoints - 1) / Self.mostPoints)
    return Array(stride(from: 0, to: rows, by: step))
  }

  private func errorCharts(of target: Int) -> [Chart] {
    let name = printable(names[target])
    let pairs = drawnRows.map { row in
      (truth: trueValues[row * width + target], value: values[row * width + target])
    }.filter { $0.truth.isFinite && $0.value.isFinite }
    guard let low = pairs.map({ min($0.truth, $0.value) }).min(),
      let high = pairs.map({ max($0.truth, $0.value) }).max()
    else { return [] }
    return [
      Chart(
        title: "\(name): predicted and true", x: .init(title: "true"),
        y: .init(title: "predicted"),
        series: [
          .init(name: "rows", points: pairs.map { ($0.truth, $0.value) }, isLine: false),
          .init(name: "equal", points: [(low, low), (high, high)], isGuide: true),
        ]),
      Chart(
        title: "\(name): residuals", x: .init(title: "predicted"),
        y: .init(title: "true less predicted"),
        series: [
          .init(
            name: "rows", points: pairs.map { ($0.value, $0.truth - $0.value) }, isLine: false),
          .init(
            name: "none",
            points: [
              (pairs.map(\.value).min() ?? 0, 0), (pairs.map(\.value).max() ?? 0, 0),
            ], isGuide: true),
        ]),
    ]
  }

  /// Where the errors of each target lie; nil where there is none.
  var residualTable: Table? {
    guard kind == .regression, rows > 0 else { return nil }
    let shares = [0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0]
    var table = Table(
      [.text("true less predicted")]
        + ["lowest", "5 %", "25 %", "median", "75 %", "95 %", "highest"].map { .number($0) })
    for (target, name) in names.enumerated() {
      let errors = stride(from: target, to: values.count, by: width)
        .map { trueValues[$0] - values[$0] }.filter(\.isFinite).sorted()
      guard !errors.isEmpty else { continue }
      table.add(
        [name]
          + shares.map { share in
            let place = Int((share * Double(errors.count - 1)).rounded())
            return Format.significant(errors[place], digits: 4)
          })
    }
    return table
  }
}

extension ConfusionMatrix {
  /// A wider matrix would not fit a page.
  static let widestOnPage = 40

  /// The matrix as a table whose cells are the darker the larger their share of the class's
  /// rows is; nil where it is too wide.
  func html(_ names: [String]) -> String? {
    guard classes <= Self.widestOnPage else { return nil }
    let heading = names.map { "<th>\(escaped(printable($0)))</th>" }.joined()
    var lines = "<tr><th>truth, decision</th>\(heading)</tr>\n"
    for truth in 0..<classes {
      let rows = support(truth)
      lines += "<tr><th>\(escaped(printable(names[truth])))</th>"
      for decision in 0..<classes {
        let share = Format.fixed(share(self[truth, decision], of: rows) ?? 0, decimals: 3)
        let mark = truth == decision ? "" : " class=\"wrong\""
        lines += "<td\(mark) style=\"--share: \(share)\">\(self[truth, decision])</td>"
      }
      lines += "</tr>\n"
    }
    return "<div class=\"wide\"><table class=\"matrix\">\n\(lines)</table></div>"
  }
}
