// SPDX-License-Identifier: Apache-2.0
import NNQWords

/// The words of one command line, sorted by option and argument, with typed access.
///
/// A name that the command does not declare, and a value asked for that was neither given nor has a
/// default, is a mistake in the verb and traps.
struct ParsedArguments: Sendable {
  let command: Command
  private let options: [String: [String]]
  private let arguments: [String: [String]]

  init(command: Command, options: [String: [String]], arguments: [String: [String]]) {
    self.command = command
    self.options = options
    self.arguments = arguments
  }

  // MARK: - Arguments

  /// The text of an argument that must be there.
  func argument(_ name: String) -> String {
    guard let text = argumentIfGiven(name) else {
      preconditionFailure("\(command.name) may be called without \(name)")
    }
    return text
  }

  func argumentIfGiven(_ name: String) -> String? { arguments(name).first }

  /// The texts of an argument that may be repeated.
  func arguments(_ name: String) -> [String] {
    precondition(command.arguments.contains { $0.name == name }, "no argument \(name)")
    return arguments[name] ?? []
  }

  // MARK: - Options

  func flag(_ name: String) -> Bool {
    precondition(declared(name).kind == .flag, "\(name) is no flag")
    return options[name] != nil
  }

  /// Whether the user gave the option.
  func isGiven(_ name: String) -> Bool { options[declared(name).name] != nil }

  func string(_ name: String) -> String { required(stringIfGiven(name), name) }

  /// The text of an option or its default.
  func stringIfGiven(_ name: String) -> String? { texts(name).first }

  /// The texts of an option that may be given more than once.
  func strings(_ name: String) -> [String] { texts(name) }

  func integer(_ name: String, in range: some Bounds<Int>) throws(Failure) -> Int {
    required(try integerIfGiven(name, in: range), name)
  }

  func integerIfGiven(
    _ name: String, in range: some Bounds<Int>
  ) throws(Failure) -> Int? {
    guard let text = stringIfGiven(name) else { return nil }
    return try integer(text, of: name, in: range)
  }

  func number(_ name: String, in range: some Bounds<Double>) throws(Failure) -> Double {
    required(try numberIfGiven(name, in: range), name)
  }

  /// A finite number.
  func numberIfGiven(
    _ name: String, in range: some Bounds<Double>
  ) throws(Failure) -> Double? {
    guard let text = stringIfGiven(name) else { return nil }
    return try number(text, of: name, in: range)
  }

  /// A share in 0 ... 1, given as `0.002` or `0.2%`.
  func fractionIfGiven(_ name: String) throws(Failure) -> Double? {
    guard let text = stringIfGiven(name) else { return nil }
    guard text.hasSuffix("%") else { return try number(text, of: name, in: 0...1) }
    guard let percent = Double(text.dropLast()), percent >= 0, percent <= 100 else {
      throw bad(name, text, "is not a share from 0% to 100%")
    }
    return percent / 100
  }

  // MARK: - Lists

  /// The texts between the commas; empty when the option was not given and has no default. What
  /// begins with a quote holds commas up to the next one, and a quote where two stand, as in CSV.
  func list(_ name: String) throws(Failure) -> [String] {
    var items: [String] = []
    for text in texts(name) {
      var rest = text[...]
      repeat {
        guard let item = Self.takeItem(&rest) else {
          throw bad(name, text, "has a quote without an end")
        }
        guard !item.isEmpty else { throw bad(name, text, "has an empty entry") }
        items.append(item)
        // A comma at the end has an empty entry behind it.
      } while rest.popFirst() != nil
    }
    return items
  }

  /// Takes the text up to the next comma that is not quoted, which stays; nil for a quote without end.
  private static func takeItem(_ rest: inout Substring) -> String? {
    var item = ""
    if rest.first == "\"" {
      rest.removeFirst()
      while true {
        guard let end = rest.firstIndex(of: "\"") else { return nil }
        item += rest[..<end]
        rest = rest[rest.index(after: end)...]
        guard rest.first == "\"" else { break }
        item.append(rest.removeFirst())
      }
    }
    let end = rest.firstIndex(of: ",") ?? rest.endIndex
    item += rest[..<end]
    rest = rest[end...]
    return item
  }

  /// The options that were given, as words of a command line, but for some.
  func givenWords(without left: [String]) -> [String] {
    command.options.filter { isGiven($0.name) && !left.contains($0.name) }.flatMap { option in
      option.kind == .flag ? [option.name] : strings(option.name).flatMap { [option.name, $0] }
    }
  }

  func integers(_ name: String, in range: some Bounds<Int>) throws(Failure) -> [Int] {
    var values: [Int] = []
    for item in try list(name) { values.append(try integer(item, of: name, in: range)) }
    return values
  }

  func numbers(
    _ name: String, in range: some Bounds<Double>
  ) throws(Failure) -> [Double] {
    var values: [Double] = []
    for item in try list(name) { values.append(try number(item, of: name, in: range)) }
    return values
  }

  /// Entries of the form `NAME=TEXT` in the order given, split at the last `=`; each name once.
  func assignments(_ name: String) throws(Failure) -> [(name: String, text: String)] {
    var pairs: [(name: String, text: String)] = []
    for item in try list(name) {
      guard let equals = item.lastIndex(of: "="), equals != item.startIndex else {
        throw bad(name, item, "is not of the form \(declared(name).metavar)")
      }
      let key = String(item[..<equals])
      guard !pairs.contains(where: { $0.name == key }) else {
        throw bad(name, key, "is given twice")
      }
      pairs.append((key, String(item[item.index(after: equals)...])))
    }
    return pairs
  }

  // MARK: - Failures

  /// A usage failure about the text of an option, for checks that only the verb can make.
  func bad(_ name: String, _ text: String, _ reason: String, hint: String? = nil) -> Failure {
    command.usageFailure("\(name): \(quoted(text)) \(reason)", hint: hint)
  }

  func integer(
    _ text: String, of name: String, in range: some Bounds<Int>
  ) throws(Failure) -> Int {
    guard let value = Int(text) else { throw bad(name, text, "is not a whole number") }
    guard range.contains(value) else { throw bad(name, text, "must be \(range.words)") }
    return value
  }

  func number(
    _ text: String, of name: String, in range: some Bounds<Double>
  ) throws(Failure) -> Double {
    let value = try finiteNumber(text, of: name)
    guard range.contains(value) else { throw bad(name, text, "must be \(range.words)") }
    return value
  }

  func finiteNumber(_ text: String, of name: String) throws(Failure) -> Double {
    guard let value = Double(text), value.isFinite else {
      throw bad(name, text, "is not a finite number")
    }
    return value
  }

  // MARK: -

  private func declared(_ name: String) -> Option {
    guard let option = command.allOptions.first(where: { $0.name == name }) else {
      preconditionFailure("\(command.name) has no option \(name)")
    }
    return option
  }

  private func texts(_ name: String) -> [String] {
    let option = declared(name)
    precondition(option.kind != .flag, "\(name) is a flag")
    if let given = options[name] { return given }
    if case .value(let text) = option.initial { return [text] }
    return []
  }

  private func required<Value>(_ value: Value?, _ name: String) -> Value {
    guard let value else {
      preconditionFailure("\(command.name) \(name) was not given and has no default")
    }
    return value
  }
}
