// SPDX-License-Identifier: Apache-2.0

/// The text with control characters spelt out (`\u{1b}`).
///
/// Names come from files that others wrote; a terminal must not obey them.
package func printable(_ text: String) -> String {
  // A scalar above 0x9F is never a control character of a terminal; most texts have none at all.
  guard text.unicodeScalars.contains(where: isControl) else { return text }
  var result = ""
  for scalar in text.unicodeScalars {
    if isControl(scalar) {
      result += "\\u{\(String(scalar.value, radix: 16))}"
    } else {
      result.unicodeScalars.append(scalar)
    }
  }
  return result
}

/// The text in double quotes, control characters spelt out; a long one is cut.
package func quoted(_ text: String) -> String {
  let limit = 80
  let shown = text.count > limit ? "\(text.prefix(limit - 3))..." : text
  return "\"\(printable(shown))\""
}

/// C0, DEL and C1.
private func isControl(_ scalar: Unicode.Scalar) -> Bool {
  scalar.value < 0x20 || 0x7F...0x9F ~= scalar.value
}
