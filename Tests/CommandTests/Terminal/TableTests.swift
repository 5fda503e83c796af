// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import NNQCommands

@Suite struct TableTests {
  @Test("text stands left, numbers stand right, nothing stands behind the last cell")
  func alignment() {
    var table = Table([.text("layer"), .number("bytes"), .text("kind")])
    table.add(["0", "12", "dense"])
    table.add(["long name", "3456", ""])
    #expect(
      table.text() == """
        layer      bytes  kind
        0             12  dense
        long name   3456

        """)
  }

  @Test("has no heading without titles, and spells out control characters")
  func noHeading() {
    var table = Table([.text(""), .number("")])
    table.add(["a\u{1B}", "1"])
    #expect(table.text() == "a\\u{1b}  1\n")
    #expect(Table([.text("")]).text().isEmpty)
  }

  @Test("only the heading is bold")
  func style() {
    var table = Table([.number("n")])
    table.add(["10"])
    #expect(table.text(style: Style(isEnabled: true)) == "\u{1B}[1m n\u{1B}[0m\n10\n")
  }
}
