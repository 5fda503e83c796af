// SPDX-License-Identifier: Apache-2.0

/// Lines and points over two axes, with their figures as a table.
struct Chart: Sendable {
  struct Axis: Sendable {
    let title: String
    /// Where the axis ends; nil follows the points.
    var range: ClosedRange<Double>?
    var isLogarithmic = false
  }

  struct Series: Sendable {
    let name: String
    let points: [(x: Double, y: Double)]
    /// A line through the points; else the points alone.
    var isLine = true
    /// A guide to the eye, such as a diagonal: dashed, and not in the table.
    var isGuide = false
  }

  let title: String
  let x: Axis
  let y: Axis
  let series: [Series]

  /// - Parameter number: that of the chart on its page.
  func html(number: Int) -> String {
    """
    <figure><figcaption>\(escaped(title))</figcaption>
    <div class="canvas" hidden><canvas id="chart\(number)" role="img" \
    aria-label="\(escaped(title))"></canvas></div>
    <details class="figures" open><summary>Figures</summary>\(table.html)</details></figure>

    """
  }

  /// What the page's script draws; a value that is no number leaves a gap.
  var json: JSON {
    func object(_ axis: Axis) -> JSON {
      [
        "title": .string(axis.title), "min": JSON(axis.range?.lowerBound),
        "max": JSON(axis.range?.upperBound), "logarithmic": .boolean(axis.isLogarithmic),
      ]
    }
    return [
      "x": object(x), "y": object(y),
      "series": .array(
        series.map { series in
          [
            "name": .string(series.name), "line": .boolean(series.isLine),
            "guide": .boolean(series.isGuide),
            "points": .array(
              series.points.map { .array([Self.rounded($0.x), Self.rounded($0.y)]) }),
          ]
        }),
    ]
  }

  /// One row for each place on the horizontal axis where all series have it, else one a point.
  private var table: Table {
    let told = series.filter { !$0.isGuide }
    guard let first = told.first else { return Table([.text("")]) }
    if told.allSatisfy({ $0.points.map(\.x) == first.points.map(\.x) }) {
      var table = Table([.number(x.title)] + told.map { .number($0.name) })
      for index in first.points.indices {
        table.add(
          [Self.number(first.points[index].x)] + told.map { Self.number($0.points[index].y) })
      }
      return table
    }
    var table = Table([.text(""), .number(x.title), .number(y.title)])
    for series in told {
      for point in series.points {
        table.add([series.name, Self.number(point.x), Self.number(point.y)])
      }
    }
    return table
  }

  /// More digits than a screen can show would only make the page larger.
  private static func rounded(_ value: Double) -> JSON {
    JSON(Double(Format.significant(value, digits: 6)))
  }

  private static func number(_ value: Double) -> String {
    value.isFinite ? Format.significant(value, digits: 5) : ""
  }
}
