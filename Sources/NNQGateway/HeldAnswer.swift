// SPDX-License-Identifier: Apache-2.0

/// An answer whose message could not be kept, turned into a refusal with the same device and number.
enum HeldAnswer {
  /// - Parameter answer: a decision, as a line of JSON or a frame.
  static func appendRefusal(of answer: ArraySlice<UInt8>, to bytes: inout [UInt8]) {
    if answer.first == Frame.magic {
      Frame.appendRefusal(.journal, of: answer, to: &bytes)
    } else {
      ReplyText.appendRefusal(.journal, of: answer, to: &bytes)
    }
  }

  /// Turns the held ones among some bytes into refusals.
  ///
  /// - Parameters:
  ///   - held: where they lie, in their order.
  ///   - start: where the first byte that may change lies.
  static func refuse(_ held: [Range<Int>], in bytes: inout [UInt8], from start: Int) {
    let answers = bytes[start...]
    var result: [UInt8] = []
    var passed = start
    for range in held {
      result += answers[passed..<range.lowerBound]
      appendRefusal(of: answers[range], to: &result)
      passed = range.upperBound
    }
    result += answers[passed...]
    bytes.replaceSubrange(start..., with: result)
  }
}
