// SPDX-License-Identifier: Apache-2.0

/// The help texts, laid out for a width in columns.
struct Help {
  let width: Int
  var style = Style.plain

  /// Lines longer than this tire the eye, however wide the terminal is.
  private static let widest = 100
  private static let narrowest = 40
  /// Names longer than this stand on a line of their own.
  private static let nameColumn = 26

  init(width: Int, style: Style = .plain) {
    self.width = min(max(width, Self.narrowest), Self.widest)
    self.style = style
  }

  /// What `nnq help` prints: every verb in one line.
  func overview(of commands: [Command]) -> String {
    var text = paragraph("nnq - small neural networks on sensor data, from training to int8")
    text += heading("Usage") + "  nnq VERB [arguments] [options]\n"
    text += heading("Verbs")
    text += definitions(commands.map { ($0.name, $0.summary) })
    text += heading("Options")
    text += definitions(
      [("--version", "Print the version")]
        + Option.common.map { (indented($0), $0.description) })
    text += heading("Exit codes")
    text += definitions(ExitCode.meanings.map { ("\($0.code.rawValue)", $0.meaning) })
    return text + "\n" + paragraph("nnq help VERB says more about a verb.")
  }

  /// What `nnq help VERB` and `nnq VERB --help` print.
  func text(of command: Command) -> String {
    var text = paragraph("nnq \(command.name) - \(command.summary)")
    text += heading("Usage") + wrapped(command.usage, indent: 2, hanging: 6)
    for sentences in command.discussion { text += "\n" + paragraph(sentences) }
    if !command.arguments.isEmpty {
      text += heading("Arguments") + definitions(command.arguments.map { ($0.name, $0.details) })
    }
    if !command.options.isEmpty {
      text += heading("Options")
      text += definitions(command.options.map { (indented($0), $0.description) })
    }
    text += heading("Common options")
    text += definitions(Option.common.map { (indented($0), $0.description) })
    if !command.examples.isEmpty { text += heading("Examples") }
    for example in command.examples {
      text += "  \(example.line)\n" + wrapped(example.meaning, indent: 6, hanging: 6)
    }
    return text
  }

  // MARK: - Layout

  private func heading(_ title: String) -> String { "\n" + style.bold("\(title):") + "\n" }

  private func paragraph(_ text: String) -> String { wrapped(text, indent: 0, hanging: 0) }

  /// Long names line up whether there is a short one before them or not.
  private func indented(_ option: Option) -> String {
    option.alias == nil && option.name.hasPrefix("--") ? "    \(option.synopsis)" : option.synopsis
  }

  private func definitions(_ entries: [(name: String, meaning: String)]) -> String {
    let fitting = entries.map(\.name.count).filter { $0 <= Self.nameColumn }
    let column = 4 + (fitting.max() ?? 0)
    var text = ""
    for entry in entries {
      let body = wrapped(entry.meaning, indent: column, hanging: column)
      if entry.name.count <= Self.nameColumn {
        let gap = String(repeating: " ", count: column - 2 - entry.name.count)
        text += "  " + style.bold(entry.name) + gap + body.dropFirst(column)
      } else {
        text += "  " + style.bold(entry.name) + "\n" + body
      }
    }
    return text
  }

  /// Breaks text at spaces; a word that is longer than a line stays whole.
  private func wrapped(_ text: String, indent: Int, hanging: Int) -> String {
    var lines: [String] = []
    var line = String(repeating: " ", count: indent)
    var isEmpty = true
    for word in text.split(separator: " ") {
      if !isEmpty, line.count + 1 + word.count > width {
        lines.append(line)
        line = String(repeating: " ", count: hanging)
        isEmpty = true
      }
      line += isEmpty ? "\(word)" : " \(word)"
      isEmpty = false
    }
    lines.append(line)
    return lines.joined(separator: "\n") + "\n"
  }
}

extension Argument {
  /// The help sentence with the texts that are taken.
  var details: String {
    allowed.isEmpty ? help : "\(help): \(allowed.joined(separator: ", "))"
  }
}

extension ExitCode {
  /// Every code in ascending order, in words.
  static let meanings: [(code: ExitCode, meaning: String)] = [
    (.success, "Success"),
    (.no, "The answer is no: a limit is missed, or a check failed"),
    (.usage, "The command line is wrong"),
    (.badInput, "An input file does not hold what it should"),
    (.inputOutput, "Reading or writing failed"),
    (.internalError, "A defect of nnq"),
    (.interrupted, "Interrupted"),
  ]
}
