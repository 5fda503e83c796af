// SPDX-License-Identifier: Apache-2.0

/// A page of HTML that needs no other file and no network, readable in light and dark.
struct Page {
  let title: String
  /// What stands between the heading and the end, in HTML.
  private(set) var body = ""
  private var charts: [Chart] = []

  init(title: String) { self.title = title }

  mutating func add(heading: String) { body += "<h2>\(escaped(heading))</h2>\n" }

  mutating func add(paragraph: String) { body += "<p>\(escaped(paragraph))</p>\n" }

  mutating func add(html: String) { body += html + "\n" }

  mutating func add(_ table: Table) { body += table.html + "\n" }

  /// Adds charts side by side where there is room, each with its figures in a table.
  mutating func add(_ charts: [Chart]) {
    guard !charts.isEmpty else { return }
    body += "<div class=\"charts\">\n"
    for chart in charts {
      body += chart.html(number: self.charts.count)
      self.charts.append(chart)
    }
    body += "</div>\n"
  }

  /// - Parameter library: what draws the charts; without it the page says so and shows the tables.
  func html(_ library: ChartLibrary?) -> String {
    """
    <!doctype html>
    <html lang="en"><head><meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
    style-src 'unsafe-inline'; script-src 'unsafe-inline'">
    <title>\(escaped(title))</title>
    <style>
    \(Self.style)
    </style></head><body>
    <h1>\(escaped(title))</h1>
    \(charts.isEmpty || library != nil ? "" : Self.missingLibrary)
    \(body)
    \(charts.isEmpty ? "" : library?.scripts(charts) ?? "")
    </body></html>

    """
  }

  private static let missingLibrary =
    "<p class=\"caution\">Nothing is drawn: the Debian package \(ChartLibrary.package) was not"
    + " installed where this page was made. The tables hold the figures.</p>"

  private static let style = """
    :root { color-scheme: light dark; --bar: #3a6ea5; --bad: #b3422e; --line: #8884;
      --cell: 58, 110, 165; --wrong: 179, 66, 46; --depth: .5; --text: #222; --grid: #0002;
      --c0: #3a6ea5; --c1: #c9672b; --c2: #3d8b57; --c3: #a23b72;
      --c4: #7a6a1f; --c5: #5b4ea8; --c6: #2f8f97; --c7: #8a5a44; }
    body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto;
      padding: 0 1rem; }
    table { border-collapse: collapse; margin: 1rem 0; font-variant-numeric: tabular-nums; }
    th, td { text-align: right; padding: .2rem .8rem; border-bottom: 1px solid var(--line); }
    th:first-child, td:first-child, th.text, td.text { text-align: left; }
    svg { display: block; margin: 1rem 0; max-width: 100%; }
    svg text { fill: currentColor; font: 13px system-ui, sans-serif; }
    .wide { overflow-x: auto; }
    .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr));
      gap: 1.5rem; }
    figure { margin: 0; min-width: 0; }
    figcaption { font-weight: 600; }
    .canvas { position: relative; height: 20rem; }
    details { max-height: 24rem; overflow: auto; }
    .matrix td { text-align: right;
      background: rgba(var(--cell), calc(var(--share) * var(--depth))); }
    .matrix td.wrong { background: rgba(var(--wrong), calc(var(--share) * var(--depth))); }
    .caution { border-left: 4px solid var(--bad); padding-left: .8rem; }
    @media (prefers-color-scheme: dark) { :root { --bar: #7fb2e5; --bad: #f08a74;
      --cell: 127, 178, 229; --wrong: 240, 138, 116; --depth: .4; --text: #ddd; --grid: #fff2;
      --c0: #7fb2e5; --c1: #f0a070; --c2: #7fcf9b; --c3: #e58ab8;
      --c4: #d8c45f; --c5: #a99cf0; --c6: #6fd0d8; --c7: #cfa08a; }
      body { background: #16181b; color: #ddd; } }
    """
}

/// The text with the characters that mean something in HTML written out.
func escaped(_ text: String) -> String {
  var result = ""
  for character in text {
    switch character {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case "'": result += "&#39;"
    default: result.append(character)
    }
  }
  return result
}

extension Table {
  /// The table for a page.
  var html: String {
    func line(_ cells: [String], _ tag: String) -> String {
      let cells = zip(columns, cells).map { column, cell in
        "<\(tag)\(column.isNumeric ? "" : " class=\"text\"")>\(escaped(cell))</\(tag)>"
      }
      return "<tr>\(cells.joined())</tr>\n"
    }
    let heading =
      columns.contains { !$0.title.isEmpty } ? line(columns.map(\.title), "th") : ""
    return "<div class=\"wide\"><table>\n\(heading)\(rows.map { line($0, "td") }.joined())"
      + "</table></div>"
  }
}
