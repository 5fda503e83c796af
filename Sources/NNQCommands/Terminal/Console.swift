// SPDX-License-Identifier: Apache-2.0
import NNQFiles
import NNQWords

/// The two streams that a command speaks on: results on standard output, all else on standard error.
///
/// Results are buffered; ``flush()`` sends them. On a terminal each call does.
struct Console {
  private let output: StandardStream
  /// For text that does not pass through the console: ``Progress``.
  let errors: StandardStream
  /// How results look.
  private(set) var style = Style.plain
  /// How messages look.
  private(set) var errorStyle = Style.plain
  /// No progress and no notes.
  var isQuiet = false
  /// The columns that text is laid out for.
  let width: Int
  private var buffer = ""

  private static let bufferSize = 1 << 16

  init(output: StandardStream, errors: StandardStream, width: Int? = nil) {
    self.output = output
    self.errors = errors
    self.width = width ?? output.width(columns: environment("COLUMNS"))
    setColor(.auto)
  }

  /// The console of the process.
  static func standard() -> Console {
    Console(output: StandardStream(descriptor: 1), errors: StandardStream(descriptor: 2))
  }

  mutating func setColor(_ choice: ColorChoice) {
    let noColor = environment("NO_COLOR")
    let terminal = environment("TERM")
    style = Style(
      choice, isTerminal: output.isTerminal, noColor: noColor, terminal: terminal)
    errorStyle = Style(
      choice, isTerminal: errors.isTerminal, noColor: noColor, terminal: terminal)
  }

  // MARK: - Results

  /// Appends text as it is.
  mutating func write(_ text: String) throws(FileError) {
    buffer += text
    if output.isTerminal || buffer.utf8.count >= Self.bufferSize { try flush() }
  }

  /// Appends a line.
  mutating func print(_ line: String = "") throws(FileError) {
    try write(line + "\n")
  }

  /// Appends a value as one line.
  mutating func print(_ value: JSON) throws(FileError) {
    try print(value.text)
  }

  mutating func flush() throws(FileError) {
    guard !buffer.isEmpty else { return }
    let text = buffer
    buffer = ""
    let code = output.send(text)
    guard code == 0 else { throw FileError(path: "-", operation: .write, code: code) }
  }

  // MARK: - Messages

  /// Says something worth knowing, unless the user wants quiet.
  func note(_ line: String) {
    if !isQuiet { say(printable(line)) }
  }

  /// Says what may be wrong although the work goes on.
  func warn(_ sentence: String) {
    say("nnq: \(errorStyle.caution("warning:")) \(printable(sentence))")
  }

  func report(_ failure: Failure) {
    say("nnq: \(errorStyle.bad("error:")) \(printable(failure.sentence))")
    if let hint = failure.hint { say("\(errorStyle.bold("hint:")) \(printable(hint))") }
  }

  private func say(_ line: String) {
    // When not even an error can be said, nobody is left to hear of it.
    _ = errors.send(line + "\n")
  }
}
