// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import NNQCommands

@Suite struct JSONTests {
  @Test("keeps the order of members and starts an answer with its schema")
  func order() {
    let answer = JSON.answer([
      "rows": 3, "b": [1, 2.5, nil], "a": ["z": true, "y": "text"], "empty": [:], "none": [],
    ])
    #expect(
      answer.text
        == #"{"schema": 1, "rows": 3, "b": [1, 2.5, null], "a": {"z": true, "y": "text"}, "#
        + #""empty": {}, "none": []}"#)
  }

  @Test(
    "writes the shortest number that reads back the same",
    arguments: [
      (0.1, "0.1"), (1.0, "1.0"), (-0.0, "-0.0"), (1e300, "1e+300"),
      (.leastNonzeroMagnitude, "5e-324"),
      (1.0 / 3, "0.3333333333333333"), (.infinity, "null"), (-.infinity, "null"), (.nan, "null"),
    ])
  func numbers(value: Double, text: String) {
    #expect(JSON.number(value).text == text)
  }

  @Test("numbers survive the way out and back")
  func roundTrip() {
    var numbers = SeededNumbers(seed: 2)
    for _ in 0..<10_000 {
      let value = Double(bitPattern: numbers.next())
      if value.isFinite { #expect(Double(JSON.number(value).text) == value) }
      let short = Float(bitPattern: UInt32(truncatingIfNeeded: numbers.next()))
      if short.isFinite { #expect(Float(JSON.float(short).text) == short) }
    }
    #expect(JSON.float(0.1).text == "0.1")
    #expect(JSON.integer(.min).text == "-9223372036854775808")
  }

  @Test("escapes what JSON and terminals would misread")
  func strings() {
    #expect(
      JSON.string("a\"b\\c\n\r\t\u{0}\u{1B}\u{7F}\u{9B} é 漢 😀").text
        == #""a\"b\\c\n\r\t\u0000\u001b\u007f\u009b é 漢 😀""#)
    #expect(JSON.object([(key: "\n", value: .null)]).text == #"{"\n": null}"#)
    // A line feed and a carriage return are one character of Swift, but two of JSON.
    #expect(JSON.string("\r\n").text == #""\r\n""#)
  }

  @Test("absent values are null")
  func absent() {
    #expect(JSON(nil as Double?).text == "null")
    #expect(JSON(2 as Int?).text == "2")
    #expect(JSON(["a", "b"]).text == #"["a", "b"]"#)
  }
}
