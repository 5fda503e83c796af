// SPDX-License-Identifier: Apache-2.0
import NNQWords

extension Command {
  /// Reads the words after the verb in the GNU manner: `--name value`, `--name=value`, `-o FILE`,
  /// `-oFILE`, options among the arguments, `--` before arguments that look like options. `-` is an
  /// argument.
  ///
  /// With `--help` the rest is not read and nothing needs to be complete.
  ///
  /// - Throws: a usage ``Failure`` that names the option or argument and the text found.
  func parse(_ words: [String]) throws(Failure) -> ParsedArguments {
    var parser = Parser(command: self, rest: words[...])
    return try parser.parsed()
  }

  func usageFailure(_ sentence: String, hint: String? = nil) -> Failure {
    Failure(.usage, "\(name): \(sentence)", hint: hint)
  }
}

/// The state of reading one command line.
private struct Parser {
  let command: Command
  var rest: ArraySlice<String>
  var given: [String: [String]] = [:]
  var positionals: [String] = []

  init(command: Command, rest: ArraySlice<String>) {
    self.command = command
    self.rest = rest
  }

  mutating func parsed() throws(Failure) -> ParsedArguments {
    while let word = rest.popFirst() {
      if word == "--" {
        positionals += rest
        break
      } else if word.hasPrefix("--") {
        try takeLong(word)
      } else if word.hasPrefix("-"), word != "-" {
        try takeShort(word)
      } else {
        positionals.append(word)
      }
      if given["--help"] != nil {
        return ParsedArguments(command: command, options: given, arguments: [:])
      }
    }
    try checkOptions()
    let arguments = ParsedArguments(
      command: command, options: given, arguments: try assignedArguments())
    try arguments.checkFiles()
    return arguments
  }

  private mutating func takeLong(_ word: String) throws(Failure) {
    guard let equals = word.firstIndex(of: "=") else { return try take(word, attached: nil) }
    try take(String(word[..<equals]), attached: String(word[word.index(after: equals)...]))
  }

  private mutating func takeShort(_ word: String) throws(Failure) {
    let name = String(word.prefix(2))
    let tail = String(word.dropFirst(2))
    if !tail.isEmpty, command.option(name)?.kind == .flag { throw unknown(word) }
    try take(name, attached: tail.isEmpty ? nil : tail, word: word)
  }

  private mutating func take(
    _ name: String, attached: String?, word: String? = nil
  ) throws(Failure) {
    guard let option = command.option(name) else { throw unknown(word ?? name) }
    if given[option.name] != nil, !option.isRepeatable {
      throw command.usageFailure("\(option.name) is given twice")
    }
    if option.kind == .flag {
      guard attached == nil else {
        throw command.usageFailure("\(option.name) takes no value, found \(quoted(attached ?? ""))")
      }
      given[option.name] = []
      return
    }
    let text = if let attached { attached } else { try nextValue(of: option) }
    guard option.completion != .files || !text.isEmpty else {
      throw command.usageFailure("\(option.name) needs a value: \(option.synopsis)")
    }
    guard option.allowed.isEmpty || option.allowed.contains(text) else {
      throw command.usageFailure(
        "\(option.name): \(quoted(text)) is not one of \(option.allowed.joined(separator: ", "))",
        hint: hint(for: text, among: option.allowed))
    }
    given[option.name, default: []].append(text)
  }

  /// The word after an option; another option of the command is not taken for a value.
  private mutating func nextValue(of option: Option) throws(Failure) -> String {
    guard let text = rest.first else {
      throw command.usageFailure("\(option.name) needs a value: \(option.synopsis)")
    }
    let name = text.firstIndex(of: "=").map { String(text[..<$0]) } ?? text
    guard text != "--", command.option(name) == nil else {
      throw command.usageFailure(
        "\(option.name) needs a value: \(option.synopsis), found \(quoted(text))",
        hint: option.name.hasPrefix("--") ? "\(option.name)=\(text) takes it as the value" : nil)
    }
    rest.removeFirst()
    return text
  }

  private func unknown(_ word: String) -> Failure {
    command.usageFailure(
      "unknown option \(quoted(word))",
      hint: hint(for: word, among: command.allOptions.map(\.name))
        ?? "nnq help \(command.name) lists the options")
  }

  private func checkOptions() throws(Failure) {
    for option in command.options {
      if given[option.name] == nil {
        guard !option.isRequired else {
          throw command.usageFailure("\(option.synopsis) is missing", hint: command.usage)
        }
      } else if let other = option.excludes.first(where: { given[$0] != nil }) {
        throw command.usageFailure("\(option.name) and \(other) exclude each other")
      }
    }
  }

  private func assignedArguments() throws(Failure) -> [String: [String]] {
    var assigned: [String: [String]] = [:]
    var words = positionals[...]
    for argument in command.arguments {
      let taken = argument.count == .oneOrMore ? words : words.prefix(1)
      guard !taken.isEmpty || argument.count == .optional else {
        throw command.usageFailure("\(argument.name) is missing", hint: command.usage)
      }
      for text in taken where !argument.allowed.isEmpty && !argument.allowed.contains(text) {
        throw command.usageFailure(
          "\(argument.name): \(quoted(text)) is not one of "
            + argument.allowed.joined(separator: ", "),
          hint: hint(for: text, among: argument.allowed))
      }
      if !taken.isEmpty { assigned[argument.name] = Array(taken) }
      words = words.dropFirst(taken.count)
    }
    if let extra = words.first {
      throw command.usageFailure("unexpected argument \(quoted(extra))", hint: command.usage)
    }
    return assigned
  }

  private func hint(for word: String, among known: [String]) -> String? {
    closest(to: word, among: known).map { "did you mean \(quoted($0))?" }
  }
}
