// SPDX-License-Identifier: Apache-2.0
import NNQWords
import Testing

@testable import NNQCommands

@Suite struct ConsoleTests {
  @Test("keeps results until they are flushed, on a terminal sends them at once")
  func buffering() throws {
    let file = CapturedConsole()
    var console = file.console()
    try console.print("a")
    #expect(file.output.text.isEmpty)
    try console.flush()
    #expect(file.output.text == "a\n")
    try console.write(String(repeating: "x", count: 1 << 16))
    #expect(file.output.text.utf8.count == 2 + 1 << 16)

    let terminal = CapturedConsole()
    var interactive = terminal.console(isTerminal: true)
    try interactive.print("a")
    #expect(terminal.output.text == "a\n")
  }

  @Test("notes fall silent when the user wants quiet, warnings and errors do not")
  func quiet() {
    let captured = CapturedConsole()
    var console = captured.console()
    console.note("first")
    console.isQuiet = true
    console.note("second")
    console.warn("third")
    #expect(captured.errors.text == "first\nnnq: warning: third\n")
  }

  @Test(
    "colours follow the choice, then the terminal and NO_COLOR",
    arguments: [
      (ColorChoice.always, false, "1", nil, true), (.never, true, nil, "xterm", false),
      (.auto, true, nil, "xterm", true), (.auto, false, nil, "xterm", false),
      (.auto, true, "1", "xterm", false), (.auto, true, "", "xterm", true),
      (.auto, true, nil, "dumb", false), (.auto, true, nil, nil, false),
    ] as [(ColorChoice, Bool, String?, String?, Bool)])
  func colours(
    choice: ColorChoice, isTerminal: Bool, noColor: String?, terminal: String?, expected: Bool
  ) {
    let style = Style(choice, isTerminal: isTerminal, noColor: noColor, terminal: terminal)
    #expect(style.isEnabled == expected)
    #expect(style.bold("x") == (expected ? "\u{1B}[1mx\u{1B}[0m" : "x"))
  }

  @Test("quotes and cuts texts that others wrote")
  func quoting() {
    #expect(quoted("n/a") == "\"n/a\"")
    #expect(quoted("a\tb\u{7F}") == "\"a\\u{9}b\\u{7f}\"")
    #expect(quoted(String(repeating: "x", count: 1000)).count == 82)
    #expect(printable("°C é 漢") == "°C é 漢")
  }

  @Test("the width is that of COLUMNS, else 80 where there is no terminal")
  func width() {
    let stream = StandardStream(StandardStream.Capture(), isTerminal: false)
    #expect(stream.width(columns: "120") == 120)
    for columns in [nil, "", "0", "-1", "x"] { #expect(stream.width(columns: columns) == 80) }
  }
}
