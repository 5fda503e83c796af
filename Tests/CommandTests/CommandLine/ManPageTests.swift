// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import NNQCommands

@Suite struct ManPageTests {
  private let lines = ManPage(commands: CommandTable.all).text.split(
    separator: "\n", omittingEmptySubsequences: false
  ).map(String.init)

  @Test("uses nothing but the macros it means to")
  func macros() {
    let known: Set = [
      ".TH", ".SH", ".SS", ".TP", ".PP", ".RS", ".RE", ".nf", ".fi", ".B",
    ]
    for line in lines where line.hasPrefix(".") || line.hasPrefix("'") {
      #expect(known.contains(String(line.prefix { $0 != " " })), "\(line)")
    }
    #expect(lines.dropLast().allSatisfy { !$0.isEmpty })
  }

  @Test("has a section for each verb and an entry for each option")
  func coverage() {
    let text = lines.joined(separator: "\n")
    for command in CommandTable.all {
      #expect(text.contains("\n.SS nnq \(command.name)"))
      for option in command.allOptions {
        var name = ""
        for character in option.name { name += character == "-" ? #"\-"# : String(character) }
        #expect(text.contains(name))
      }
    }
  }

  @Test("escapes what roff would take for its own")
  func escapes() {
    let command = Command(
      name: "odd", summary: ".start with a dot", discussion: [#"a \n and 'b' and "c" and --d"#]
    ) { _, _ in .success }
    let text = ManPage(commands: [command]).text
    #expect(text.contains("\n\\&.start with a dot.\n"))
    #expect(text.contains(#"a \en and \(aqb\(aq and \(dqc\(dq and \-\-d"#))
  }
}
