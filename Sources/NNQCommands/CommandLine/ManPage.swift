// SPDX-License-Identifier: Apache-2.0

/// The manual page `nnq(1)` with all verbs, in the man macros of roff.
struct ManPage {
  let commands: [Command]

  var text: String {
    var lines = [
      #".TH NNQ 1 "" "nnq \#(Version.current)" "User Commands""#,
      ".SH NAME",
      #"nnq \- small neural networks on sensor data, from training to int8"#,
      ".SH SYNOPSIS",
      #".B nnq"#,
      #"\fIVERB\fR [\fIarguments\fR] [\fIoptions\fR]"#,
      ".SH DESCRIPTION",
    ]
    lines += commands.flatMap { entry($0.name, $0.summary) }
    lines.append(".SH VERBS")
    lines += commands.flatMap(section)
    lines.append(".SH OPTIONS OF EVERY VERB")
    lines += Option.common.flatMap(entry)
    lines.append(".SH EXIT STATUS")
    lines += ExitCode.meanings.flatMap { entry("\($0.code.rawValue)", $0.meaning) }
    lines.append(".SH ENVIRONMENT")
    lines += entry(
      "NNQ_KERNEL",
      "The kernel that computes int8 models, one of those that bench --kernel all shows")
    lines += entry("NO_COLOR", "Any text but an empty one turns colours off")
    lines += entry("COLUMNS", "The width that text is laid out for")
    return lines.joined(separator: "\n") + "\n"
  }

  private func section(_ command: Command) -> [String] {
    var lines = [".SS \(escaped(command.usage))", escaped(command.summary) + "."]
    for sentences in command.discussion { lines += [".PP", escaped(sentences)] }
    for argument in command.arguments { lines += entry(argument.name, argument.details) }
    lines += command.options.flatMap(entry)
    for example in command.examples {
      lines += [
        ".PP", "\(escaped(example.meaning)):", ".PP", ".RS 4", ".nf", escaped(example.line), ".fi",
        ".RE",
      ]
    }
    return lines
  }

  private func entry(_ option: Option) -> [String] { entry(option.synopsis, option.description) }

  private func entry(_ name: String, _ meaning: String) -> [String] {
    [".TP", #"\fB\#(escaped(name))\fR"#, escaped(meaning) + "."]
  }

  /// Text that roff prints as it stands: a backslash, a hyphen and a dot that starts a line would
  /// mean something else.
  private func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "\\": result += #"\e"#
      case "-": result += #"\-"#
      case "'": result += #"\(aq"#
      case "\"": result += #"\(dq"#
      default: result.append(character)
      }
    }
    return result.hasPrefix(".") ? #"\&"# + result : result
  }
}
