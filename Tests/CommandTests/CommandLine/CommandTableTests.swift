// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import NNQCommands

@Suite struct CommandTableTests {
  @Test("names every verb and option once")
  func names() {
    #expect(Set(CommandTable.all.map(\.name)).count == CommandTable.all.count)
    for command in CommandTable.all {
      let words = command.allOptions.flatMap { [$0.name] + ($0.alias.map { [$0] } ?? []) }
      #expect(Set(words).count == words.count, "\(command.name)")
    }
  }

  @Test("texts are sentences without a full stop")
  func sentences() {
    for command in CommandTable.all {
      let texts =
        [command.summary] + command.arguments.map(\.help) + command.allOptions.map(\.help)
        + command.examples.map(\.meaning)
      for text in texts {
        #expect(!text.isEmpty && !text.hasSuffix("."), "\(command.name): \(text)")
        // A colon would end the description of an option in zsh's notation.
        #expect(text.unicodeScalars.allSatisfy { $0.isASCII }, "\(command.name): \(text)")
      }
    }
  }

  @Test("defaults are among the allowed texts, and exclusions name options")
  func consistency() {
    for command in CommandTable.all {
      for option in command.allOptions {
        if case .value(let text) = option.initial, !option.allowed.isEmpty {
          #expect(option.allowed.contains(text))
        }
        for other in option.excludes {
          #expect(command.option(other)?.excludes.contains(option.name) == true)
        }
      }
      let counts = command.arguments.dropLast().map(\.count)
      #expect(counts.allSatisfy { $0 == .one }, "\(command.name)")
    }
  }

  @Test("every example is a command line that parses")
  func examples() throws {
    for command in CommandTable.all {
      #expect((2...3).contains(command.examples.count), "\(command.name)")
      for example in command.examples {
        // Up to the shell's own words, from `nnq` on.
        let words = example.line.split(separator: " ").map(String.init)
          .drop { !$0.hasSuffix("nnq") }.prefix { !["|", ">"].contains($0) }
          .map { $0.hasSuffix(")") ? String($0.dropLast()) : $0 }
        #expect(words.dropFirst().first == command.name)
        _ = try command.parse(Array(words.dropFirst(2)))
      }
    }
  }
}
