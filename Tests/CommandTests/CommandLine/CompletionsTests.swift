// SPDX-License-Identifier: Apache-2.0
import Glibc
import Testing

@testable import NNQCommands

@Suite struct CompletionsTests {
  private let completions = Completions(commands: CommandTable.all)

  @Test(
    "every script knows every verb, option and allowed text", arguments: Completions.Shell.allCases)
  func coverage(shell: Completions.Shell) {
    let script = completions.script(for: shell)
    for command in CommandTable.all {
      #expect(script.contains(command.name))
      for option in command.allOptions {
        let word = shell == .fish ? String(option.name.drop { $0 == "-" }) : option.name
        #expect(script.contains(word), "\(command.name) \(option.name)")
        if !option.allowed.isEmpty {
          #expect(script.contains(option.allowed.joined(separator: " ")))
        }
      }
    }
    #expect(script.hasSuffix("\n"))
  }

  @Test("quotes what a shell would expand")
  func quoting() {
    let command = Command(
      name: "odd", summary: "It's $HOME", options: [.flag("--it", "Don't `ls` [here]: $x")]
    ) { _, _ in .success }
    let odd = Completions(commands: [command])
    #expect(odd.script(for: .fish).contains(#"-d 'It'"'"'s $HOME'"#))
    #expect(odd.script(for: .fish).contains(#"-d 'Don'"'"'t `ls` [here]: $x'"#))
    #expect(odd.script(for: .zsh).contains(#"'(--it)--it[Don'"'"'t `ls` \[here\]\: $x]'"#))
  }

  private static let hasBash = unsafe access("/bin/bash", X_OK) == 0

  @Test(
    "bash completes verbs, options and values", .enabled(if: hasBash, "/bin/bash is missing"),
    arguments: [
      (["nnq", "tr"], "train"),
      (["nnq", "train", "--ta"], "--target --task"),
      (["nnq", "train", "--task", "mu"], "multiclass multilabel"),
      (["nnq", "train", "--task", "=", "mu"], "multiclass multilabel"),
      (["nnq", "quantize", "--output", "="], "8 16"),
      (["nnq", "train", "--epochs", ""], ""),
      (["nnq", "help", "ev"], "eval"),
      (["nnq", "completions", "z"], "zsh"),
      (["nnq", "eval", "--json", "--col"], "--color"),
    ])
  func bash(words: [String], expected: String) {
    let quoted = words.map { "'\($0)'" }.joined(separator: " ")
    let script = """
      \(completions.script(for: .bash))
      COMP_WORDS=(\(quoted)); COMP_CWORD=\(words.count - 1); _nnq; echo "${COMPREPLY[*]}"
      """
    // The script stands in an argument, so a single quote in it is closed and opened again.
    var argument = ""
    for character in script { argument += character == "'" ? #"'\''"# : String(character) }
    guard let pipe = unsafe popen("/bin/bash --norc -c '\(argument)'", "r") else {
      Issue.record("bash cannot be started")
      return
    }
    defer { unsafe pclose(pipe) }
    var line = [CChar](repeating: 0, count: 4096)
    _ = unsafe fgets(&line, Int32(line.count), pipe)
    let text = String(
      decoding: line.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    #expect(text == expected)
  }
}
