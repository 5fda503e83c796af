// SPDX-License-Identifier: Apache-2.0
import NNQWords

/// The one table of commands.
enum CommandTable {
  /// In the order in which they are used.
  static let all: [Command] = [
    .simulate, .check, .train, .ablate, .quantize, .eval, .diff, .bench, .predict, .inspect,
    .verify, .conform, .certify, .importing,
    .export, .doctor, .state, .keygen, .sign,
    .completions, .man, .help,
  ]

  static func command(_ name: String) -> Command? { all.first { $0.name == name } }

  /// The failure for a word that is no verb.
  static func unknownVerb(_ word: String) -> Failure {
    let near = closest(to: word, among: all.map(\.name))
    return Failure(
      .usage, "unknown verb \(quoted(word))",
      hint: near.map { "did you mean \(quoted($0))?" } ?? "nnq help lists the verbs")
  }
}
