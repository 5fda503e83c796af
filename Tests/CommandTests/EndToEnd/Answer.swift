// SPDX-License-Identifier: Apache-2.0
import NNQTestSupport
import Testing

@testable import NNQCommands

/// Runs a command line in this process.
func nnq(_ words: String...) -> Answer { nnq(words) }

func nnq(_ words: [String]) -> Answer {
  let captured = CapturedConsole()
  var console = captured.console()
  let code = dispatch(words, on: &console)
  return Answer(
    code: code.rawValue, output: captured.output.text, errors: captured.errors.text)
}

/// Checks that a command ended with this code and this one sentence, and a hint where one is named.
func expect(
  _ answer: Answer, _ code: ExitCode, _ sentence: String, hint: String? = nil,
  at location: SourceLocation = #_sourceLocation
) {
  #expect(answer.code == code.rawValue, "\(answer.errors)", sourceLocation: location)
  let lines = answer.errors.split(separator: "\n").map(String.init)
  #expect(
    lines.filter { $0.hasPrefix("nnq: error: ") } == ["nnq: error: \(sentence)"],
    sourceLocation: location)
  if let hint { #expect(lines.contains("hint: \(hint)"), "\(lines)", sourceLocation: location) }
}

/// Checks that a command succeeded and reported no error.
func expectSuccess(_ answer: Answer, at location: SourceLocation = #_sourceLocation) {
  #expect(answer.code == 0, "\(answer.errors)", sourceLocation: location)
  #expect(!answer.errors.contains("error:"), "\(answer.errors)", sourceLocation: location)
}
