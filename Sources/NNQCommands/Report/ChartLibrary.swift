// SPDX-License-Identifier: Apache-2.0
import NNQFiles

/// Chart.js as the system has it installed; a page carries a copy of it.
struct ChartLibrary: Sendable {
  private let source: String

  /// The Debian package that installs it.
  static let package = "libjs-chart.js"

  /// Where the packages libjs-chart.js and node-chart.js put it.
  static let places = [
    "/usr/share/javascript/chart.js/chart.min.js", "/usr/share/nodejs/chart.js/dist/chart.min.js",
  ]

  /// The copy has 200 kB; something much larger is something else.
  private static let byteLimit = 4 << 20

  /// Nil when there is none at these places, or what is there could not stand in a page.
  init?(at places: [String] = places) {
    for place in places {
      guard let bytes = try? readFile(place, limit: Self.byteLimit), bytes.count <= Self.byteLimit
      else { continue }
      let text = String(decoding: bytes, as: UTF8.self)
      guard !text.isEmpty, !text.lowercased().contains("</script") else { continue }
      source = text
      return
    }
    return nil
  }

  /// The library, the figures and what draws them.
  func scripts(_ charts: [Chart]) -> String {
    let figures = inScript(JSON.array(charts.map(\.json)))
    return """
      <script>\(source)</script>
      <script type="application/json" id="figures">\(figures)</script>
      <script>\(Self.drawing)</script>
      """
  }

  /// Colours follow the style of the page, and change with it; numbers have a point everywhere.
  private static let drawing = """
    (() => {
      const figures = JSON.parse(document.getElementById("figures").textContent);
      let drawn = [];
      const draw = () => {
        drawn.forEach(chart => chart.destroy());
        const style = getComputedStyle(document.documentElement);
        const colour = name => style.getPropertyValue(name).trim();
        Chart.defaults.color = colour("--text");
        Chart.defaults.borderColor = colour("--grid");
        Chart.defaults.locale = "en-US";
        const axis = (a, position) => ({
          type: a.logarithmic ? "logarithmic" : "linear", position,
          title: { display: true, text: a.title },
          min: a.min ?? undefined, max: a.max ?? undefined,
          ticks: { maxTicksLimit: 8 },
        });
        drawn = figures.map((figure, number) => new Chart("chart" + number, {
          type: "scatter",
          data: { datasets: figure.series.map((series, index) => ({
            label: series.name,
            data: series.points.map(([x, y]) => ({ x, y })),
            showLine: series.line, order: series.guide ? 0 : 1, clip: 4,
            borderColor: series.guide ? colour("--text") : colour("--c" + index % 8),
            backgroundColor: series.line ? "transparent" : colour("--c" + index % 8) + "80",
            borderWidth: series.guide ? 1 : series.line ? 2 : 0,
            borderDash: series.guide ? [5, 5] : [],
            pointRadius: series.line && (series.guide || series.points.length > 20) ? 0 : 2.5,
          })) },
          options: {
            animation: false, responsive: true, maintainAspectRatio: false,
            plugins: { legend: { display: figure.series.length > 1,
              labels: { boxWidth: 16, boxHeight: 2 } } },
            scales: { x: axis(figure.x, "bottom"), y: axis(figure.y, "left") },
          },
        }));
      };
      document.querySelectorAll(".canvas").forEach(part => { part.hidden = false; });
      document.querySelectorAll(".figures").forEach(part => { part.open = false; });
      draw();
      matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
    })();
    """
}

/// JSON that cannot end the script element that it stands in, nor open a comment there.
func inScript(_ json: JSON) -> String {
  var result = ""
  // `<`, `>` and `&` occur in strings alone, where an escape means the same.
  for scalar in json.text.unicodeScalars {
    switch scalar {
    case "<": result += "\\u003c"
    case ">": result += "\\u003e"
    case "&": result += "\\u0026"
    case "\u{2028}": result += "\\u2028"
    case "\u{2029}": result += "\\u2029"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}
