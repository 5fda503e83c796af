// SPDX-License-Identifier: Apache-2.0

/// One option of a command, described as data.
struct Option: Sendable {
  enum Kind: Sendable {
    /// Present or absent.
    case flag
    /// One text.
    case value
    /// Texts joined by commas.
    case list
  }

  /// What is used when the option is not given.
  enum Default: Equatable, Sendable {
    /// A text that is read as if the user had given it.
    case value(String)
    /// Something that depends on the input; only help shows it.
    case described(String)
  }

  /// The name that is shown and looked up: `--epochs`, or `-o` where there is no long one.
  let name: String
  /// A second name, for example `-h`.
  var alias: String?
  let kind: Kind
  /// What stands for the value in help, for example `FILE`; empty for a flag.
  var metavar = ""
  /// One sentence without a full stop.
  let help: String
  var initial: Default?
  /// The only texts that are taken; empty when any is.
  var allowed: [String] = []
  /// What a shell completes after the option, beside the allowed texts.
  var completion = ShellCompletion.nothing
  var isRequired = false
  /// It may be given more than once; the texts add up.
  var isRepeatable = false
  /// `-o -` writes to standard output what else the verb prints there, so that `--json` is its form.
  var holdsResults = false
  /// `-o -` would stand among results that are printed whatever it names.
  var isBesideResults = false
  /// Names of options that cannot be given together with this one.
  var excludes: [String] = []

  static func flag(
    _ name: String, _ help: String, alias: String? = nil, excludes: [String] = []
  ) -> Option {
    Option(name: name, alias: alias, kind: .flag, help: help, excludes: excludes)
  }

  static func value(
    _ name: String, _ metavar: String, _ help: String, initial: Default? = nil,
    isRequired: Bool = false, excludes: [String] = []
  ) -> Option {
    Option(
      name: name, kind: .value, metavar: metavar, help: help, initial: initial,
      isRequired: isRequired, excludes: excludes)
  }

  /// An option whose value is the name of a file.
  static func file(
    _ name: String, _ metavar: String, _ help: String, initial: Default? = nil,
    isRequired: Bool = false, isRepeatable: Bool = false, excludes: [String] = []
  ) -> Option {
    Option(
      name: name, kind: .value, metavar: metavar, help: help, initial: initial,
      completion: .files, isRequired: isRequired, isRepeatable: isRepeatable, excludes: excludes)
  }

  /// An option that takes one of a few words.
  static func choice(
    _ name: String, _ allowed: [String], _ help: String, initial: String? = nil
  ) -> Option {
    Option(
      name: name, kind: .value, metavar: allowed.joined(separator: "|"), help: help,
      initial: initial.map { .value($0) }, allowed: allowed)
  }

  static func list(
    _ name: String, _ metavar: String, _ help: String, initial: Default? = nil,
    isRepeatable: Bool = false, excludes: [String] = []
  ) -> Option {
    Option(
      name: name, kind: .list, metavar: metavar, help: help, initial: initial,
      isRepeatable: isRepeatable, excludes: excludes)
  }

  /// The names with the value's stand-in, for example `-h, --help` or `--epochs N`.
  var synopsis: String {
    let names = alias.map { "\($0), \(name)" } ?? name
    return metavar.isEmpty ? names : "\(names) \(metavar)"
  }

  /// The help sentence with the default at its end.
  var description: String {
    switch initial {
    case .value(let text), .described(let text): "\(help) (default: \(text))"
    case nil: isRequired ? "\(help) (required)" : help
    }
  }

  func answers(to word: String) -> Bool { name == word || alias == word }
}

extension Option {
  /// The options that every verb has.
  static let common: [Option] = [
    .choice(
      "--color", ["auto", "always", "never"],
      "Colour the text; auto does on a terminal, unless NO_COLOR is set", initial: "auto"),
    .flag("--quiet", "Print no progress and no notes; errors still appear"),
    .flag("--help", "Print this help", alias: "-h"),
  ]
}
