// SPDX-License-Identifier: Apache-2.0

/// A verb of the command line, described as data.
///
/// Parsing, help, completions and the manual page all follow from this description.
struct Command: Sendable {
  /// A command line that works as it stands, and what it does.
  struct Example: Sendable {
    let line: String
    /// One sentence without a full stop.
    let meaning: String

    init(_ line: String, _ meaning: String) {
      self.line = line
      self.meaning = meaning
    }
  }

  typealias Run = @Sendable (ParsedArguments, inout Console) throws -> ExitCode

  let name: String
  /// One line without a full stop.
  let summary: String
  /// Required ones first; only the last may be optional or repeated.
  var arguments: [Argument] = []
  /// The verb's own options; those that every verb has come on top.
  var options: [Option] = []
  /// Paragraphs that say what a user must know beyond the options.
  var discussion: [String] = []
  var examples: [Example] = []
  let run: Run

  /// The verb's own options and the common ones.
  var allOptions: [Option] { options + Option.common }

  func option(_ word: String) -> Option? { allOptions.first { $0.answers(to: word) } }

  /// For example `nnq eval MODEL DATA.csv [options]`.
  var usage: String {
    var parts = ["nnq", name] + arguments.map(\.synopsis)
    parts += options.filter(\.isRequired).map(\.synopsis)
    return (parts + ["[options]"]).joined(separator: " ")
  }
}
