// SPDX-License-Identifier: Apache-2.0

/// The bits of a tensor's codes.
public enum CodeWidth: UInt8, Sendable {
  case eight = 8
  case sixteen = 16

  /// -128 ... 127 or -32,768 ... 32,767
  public var range: ClosedRange<Int> {
    switch self {
    case .eight: -128...127
    case .sixteen: -32_768...32_767
    }
  }

  /// The codes that real 0 may have: 16-bit codes are symmetric.
  public var zeroPoints: ClosedRange<Int> {
    switch self {
    case .eight: range
    case .sixteen: 0...0
    }
  }

  /// The largest size of a code, the factor of the accumulator bound.
  public var largestMagnitude: Int { -range.lowerBound }

  public var bytes: Int { Int(rawValue) / 8 }

  /// The bytes of codes in memory and in digests: 16-bit codes low byte first.
  public func bytes(of codes: some Sequence<Int16>) -> [UInt8] {
    switch self {
    case .eight: codes.map { UInt8(truncatingIfNeeded: $0) }
    case .sixteen:
      codes.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
    }
  }
}
