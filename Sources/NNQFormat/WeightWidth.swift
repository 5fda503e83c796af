// SPDX-License-Identifier: Apache-2.0

/// The bits of a dense layer's weights.
public enum WeightWidth: UInt8, CaseIterable, Sendable {
  case four = 4
  case eight = 8

  /// -7 ... 7 or -127 ... 127: symmetric, so that no weight has a size of its own.
  public var range: ClosedRange<Int8> {
    switch self {
    case .four: -7...7
    case .eight: -127...127
    }
  }

  /// The bytes of a row of weights in an image; 4-bit weights stand two in a byte.
  public func rowBytes(_ inputs: Int) -> Int {
    switch self {
    case .four: (inputs + 1) / 2
    case .eight: inputs
    }
  }

  /// A row of weights as an image holds it: the first of two nibbles is the low one, and a nibble
  /// that is left over is 0.
  func packed(_ row: ArraySlice<Int8>) -> [UInt8] {
    switch self {
    case .eight: row.map(UInt8.init(bitPattern:))
    case .four:
      stride(from: row.startIndex, to: row.endIndex, by: 2).map { index in
        let low = UInt8(bitPattern: row[index]) & 15
        let high = index + 1 < row.endIndex ? UInt8(bitPattern: row[index + 1]) << 4 : 0
        return low | high
      }
    }
  }

  /// The weights of a row, or nil when a nibble that is left over is not 0.
  ///
  /// - Shape: `bytes` is `[rowBytes(inputs)]`.
  func unpacked(_ bytes: ArraySlice<UInt8>, inputs: Int) -> [Int8]? {
    guard self == .four else { return bytes.map(Int8.init(bitPattern:)) }
    if !inputs.isMultiple(of: 2), let last = bytes.last, last >> 4 != 0 { return nil }
    var weights: [Int8] = []
    weights.reserveCapacity(inputs + 1)
    for byte in bytes {
      weights.append(Int8(bitPattern: byte << 4) >> 4)
      weights.append(Int8(bitPattern: byte) >> 4)
    }
    if weights.count > inputs { weights.removeLast() }
    return weights
  }
}
