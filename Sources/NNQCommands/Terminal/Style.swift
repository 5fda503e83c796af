// SPDX-License-Identifier: Apache-2.0

/// When text is coloured.
enum ColorChoice: String, Sendable { case auto, always, never }

/// The few looks that text has on a terminal; plain text when it is off.
struct Style: Equatable, Sendable {
  var isEnabled: Bool

  static let plain = Style(isEnabled: false)

  init(isEnabled: Bool) { self.isEnabled = isEnabled }

  /// - Parameters:
  ///   - noColor: the value of `NO_COLOR`; any text but an empty one turns colours off.
  ///   - terminal: the value of `TERM`.
  init(_ choice: ColorChoice, isTerminal: Bool, noColor: String?, terminal: String?) {
    switch choice {
    case .always: isEnabled = true
    case .never: isEnabled = false
    case .auto: isEnabled = isTerminal && noColor ?? "" == "" && terminal ?? "dumb" != "dumb"
    }
  }

  func bold(_ text: String) -> String { wrapped(text, "1") }
  func faint(_ text: String) -> String { wrapped(text, "2") }
  func bad(_ text: String) -> String { wrapped(text, "1;31") }
  func good(_ text: String) -> String { wrapped(text, "32") }
  func caution(_ text: String) -> String { wrapped(text, "33") }

  private func wrapped(_ text: String, _ code: String) -> String {
    isEnabled ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }
}
