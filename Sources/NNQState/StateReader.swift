// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// A cursor over the bytes of a state: little-endian fields, each checked against the end.
struct StateReader {
  private let bytes: [UInt8]
  private var position: Int

  init(_ bytes: [UInt8], from position: Int) {
    self.bytes = bytes
    self.position = position
  }

  mutating func integer<T: FixedWidthInteger>(_ type: T.Type = T.self) throws(StateError) -> T {
    try take(T.bitWidth / 8).reversed().reduce(0) { $0 << 8 | T($1) }
  }

  /// A count that is not above a limit.
  mutating func count(
    _ field: String, _ index: Int = 0, atMost limit: UInt64
  ) throws(StateError) -> UInt64 {
    let count: UInt64 = try integer()
    guard count <= limit else { throw .invalidField(field, index: index, found: "\(count)") }
    return count
  }

  /// The counters of a quantity, whose sum is not above the rows.
  mutating func counts(
    _ count: Int, rows: UInt64, _ index: Int
  ) throws(StateError) -> (counts: [UInt64], sum: UInt64) {
    var counts: [UInt64] = []
    var sum: UInt64 = 0
    for _ in 0..<count {
      counts.append(try self.count("bin", index, atMost: rows - sum))
      sum += counts[counts.count - 1]
    }
    return (counts, sum)
  }

  mutating func ends(
    _ index: Int, _ rows: UInt64, _ widths: StateLayout.Widths?
  ) throws(StateError) -> ModelState.Ends {
    let limit = widths == nil ? 0 : rows
    return ModelState.Ends(
      lowest: try count("codes at the lowest end", index, atMost: limit),
      highest: try count("codes at the highest end", index, atMost: limit))
  }

  mutating func quantity(_ index: Int) throws(StateError) -> StateQuantity {
    let name = try string("name", index)
    let count = Int(try integer(UInt16.self))
    guard (1...StateQuantity.edgeLimit).contains(count) else {
      throw .invalidField("edges", index: index, found: "\(count)")
    }
    let hasProfile: UInt8 = try integer()
    guard hasProfile <= 1 else {
      throw .invalidField("profile", index: index, found: "\(hasProfile)")
    }
    var edges: [Double] = []
    for _ in 0..<count {
      let edge = try double()
      guard edge.isFinite, edges.last.map({ $0 < edge }) ?? true else {
        throw .invalidField("edge", index: index, found: "\(edge)")
      }
      edges.append(edge)
    }
    var profile: [ClosedRange<Double>] = []
    for _ in 0..<(hasProfile == 1 ? count : 0) {
      let (low, high) = (try double(), try double())
      // Written so that a NaN is refused, and a second form of 0.
      guard low >= 0, low <= high, high <= 1, low.sign == .plus, high.sign == .plus else {
        throw .invalidField("share", index: index, found: "\(low) to \(high)")
      }
      profile.append(low...high)
    }
    return StateQuantity(name: name, edges: edges, profile: hasProfile == 1 ? profile : nil)
  }

  mutating func string(_ field: String, _ index: Int) throws(StateError) -> String {
    let count = Int(try integer(UInt16.self))
    guard count <= FormatLimit.stringBytes else {
      throw .invalidField("length of \(field)", index: index, found: "\(count)")
    }
    let text = try take(count)
    guard !text.contains(0), let value = String(validating: text, as: UTF8.self) else {
      throw .invalidField(field, index: index, found: "bytes that are not text")
    }
    return value
  }

  /// 32 bytes in hexadecimal.
  mutating func digest() throws(StateError) -> String {
    let digits = Array("0123456789abcdef".utf8)
    let text = try take(32).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    return String(decoding: text, as: UTF8.self)
  }

  /// The bits of input and output codes; both 0 for a float model.
  mutating func widths() throws(StateError) -> StateLayout.Widths? {
    let numbers: (UInt8, UInt8) = (try integer(), try integer())
    if numbers == (0, 0) { return nil }
    guard let input = CodeWidth(rawValue: numbers.0), let output = CodeWidth(rawValue: numbers.1)
    else { throw .invalidField("bits", index: 0, found: "\(numbers.0) and \(numbers.1)") }
    return StateLayout.Widths(input: input, output: output)
  }

  mutating func zeros(_ count: Int) throws(StateError) {
    for byte in try take(count) where byte != 0 {
      throw .invalidField("reserved byte", index: 0, found: "\(byte)")
    }
  }

  /// Throws when bytes are left over.
  func end() throws(StateError) {
    guard position == bytes.count else { throw .trailing(byte: position) }
  }

  private mutating func double() throws(StateError) -> Double {
    Double(bitPattern: try integer())
  }

  private mutating func take(_ count: Int) throws(StateError) -> ArraySlice<UInt8> {
    guard count <= bytes.count - position else { throw .truncated(byte: bytes.count) }
    defer { position += count }
    return bytes[position..<position + count]
  }
}
