// SPDX-License-Identifier: Apache-2.0

/// A positional argument of a command, described as data.
struct Argument: Sendable {
  enum Count: Sendable { case one, optional, oneOrMore }

  /// What stands for it in help, for example `DATA.csv`; it is looked up by this name.
  let name: String
  /// One sentence without a full stop.
  let help: String
  var count = Count.one
  /// The only texts that are taken; empty when any is.
  var allowed: [String] = []
  /// What a shell completes in its place, beside the allowed texts.
  var completion = ShellCompletion.files

  /// `DATA.csv`, `[DATA.csv]` or `MODEL...`
  var synopsis: String {
    switch count {
    case .one: name
    case .optional: "[\(name)]"
    case .oneOrMore: "\(name)..."
    }
  }
}

/// What a shell offers for a text that the command line does not list itself.
enum ShellCompletion: Sendable { case nothing, files, verbs }
