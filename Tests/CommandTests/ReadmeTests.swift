// SPDX-License-Identifier: Apache-2.0
import NNQFiles
import NNQTestSupport
import Testing

@testable import NNQCommands

/// What README.md shows works as it stands there.
@Suite struct ReadmeTests {
  private let readme: String

  init() throws {
    readme = try #require(text(of: "\(packageRoot)/README.md"))
  }

  @Test(
    "the C program compiles without a warning and prints what it says",
    .enabled(if: CProgram.hasCompiler, "gcc is missing"))
  func program() throws {
    let source = try #require(blocks("c").first)
    let expected = try #require(
      source.split(separator: "prints: ").last?.split(separator: " ").first)
    let program = CProgram()
    try writeFile(Array(source.utf8), to: program("main.c"))
    let model = "\(packageRoot)/models/motor-fault/model.int8.bin"
    let code = CapturedConsole().run("export", model, "--to", "c", "-o", program("motor.c"))
    #expect(code == .success)
    try #require(program.compile("main.c", "motor.c"))
    #expect(program.output() == "\(expected)\n")
  }

  @Test("every command line of nnq parses")
  func commands() throws {
    let lines = (blocks("sh") + blocks("console")).flatMap { $0.split(separator: "\n") }
    let words = lines.map { $0.drop { "$ ".contains($0) }.prefix { $0 != "#" } }
      .filter { $0.hasPrefix("nnq ") }.map { $0.split(separator: " ").dropFirst().map(String.init) }
    #expect(words.count >= 8)
    for words in words {
      let command = try #require(CommandTable.command(words[0]))
      _ = try command.parse(Array(words.dropFirst()))
    }
  }

  @Test("every file that it links to is there")
  func links() {
    let targets = readme.split(separator: "](").dropFirst().compactMap {
      $0.split(separator: ")").first
    }
    let files = targets.filter { !$0.hasPrefix("https://") }
    #expect(files.count >= 3)
    for file in files { #expect(text(of: "\(packageRoot)/\(file)") != nil, "\(file)") }
  }

  /// The contents of the fenced blocks of a language.
  private func blocks(_ language: String) -> [Substring] {
    readme.split(separator: "\n```\(language)\n").dropFirst().compactMap {
      $0.split(separator: "\n```", maxSplits: 1).first
    }
  }
}
