// SPDX-License-Identifier: Apache-2.0

/// A positional argument of a command, described as data.
struct Argument: Sendable {
  enum Count: Sendable { case one, optional, oneOrMore }

  /// What stands for it in help, for example `DATA.csv`; it is looked up by this name.
  let name: String
  /// One sentence without a full stop.
  let help: String
  var count = Count.one
  /// The only texts that are taken; empty when any is. Then shells complete file names.
  var allowed: [String] = []

  /// `DATA.csv`, `[DATA.csv]` or `MODEL...`
  var synopsis: String {
    switch count {
    case .one: name
    case .optional: "[\(name)]"
    case .oneOrMore: "\(name)..."
    }
  }
}
