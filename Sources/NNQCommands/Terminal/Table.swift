// SPDX-License-Identifier: Apache-2.0
import NNQWords

/// Rows of text in aligned columns under a heading.
struct Table {
  /// A column of a table: text stands left, numbers stand right.
  struct Column {
    let title: String
    let isNumeric: Bool

    static func text(_ title: String) -> Column { Column(title: title, isNumeric: false) }
    static func number(_ title: String) -> Column { Column(title: title, isNumeric: true) }
  }

  let columns: [Column]
  private(set) var rows: [[String]] = []

  init(_ columns: [Column]) { self.columns = columns }

  /// Appends a row of one cell a column.
  mutating func add(_ cells: [String]) {
    precondition(cells.count == columns.count, "a cell for each column")
    rows.append(cells.map(printable))
  }

  /// The heading, left out when every title is empty, and the rows; each ends with a line feed and
  /// has no spaces before it.
  func text(style: Style = .plain) -> String {
    var widths = columns.map(\.title.count)
    for row in rows {
      for (column, cell) in row.enumerated() { widths[column] = max(widths[column], cell.count) }
    }
    var text = ""
    if columns.contains(where: { !$0.title.isEmpty }) {
      text += style.bold(line(columns.map(\.title), widths)) + "\n"
    }
    for row in rows { text += line(row, widths) + "\n" }
    return text
  }

  private func line(_ cells: [String], _ widths: [Int]) -> String {
    var line = ""
    var pending = 0
    for (column, cell) in cells.enumerated() {
      let space = widths[column] - cell.count
      let before = columns[column].isNumeric ? space : 0
      if !cell.isEmpty {
        line += String(repeating: " ", count: pending + before) + cell
        pending = space - before
      } else {
        pending += space
      }
      pending += 2
    }
    return line
  }
}
