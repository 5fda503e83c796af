// SPDX-License-Identifier: Apache-2.0

/// One row of codes in the memory layout of the C runtime, to be filled again and again.
public struct CodeRow: Equatable, Sendable {
  public let count: Int
  /// The bits of a code: 8 or 16.
  public let bits: Int
  /// Codes of 8 bits lie in the front half, as the bytes that C reads.
  var memory: [Int16]

  /// A row of zeros.
  init(count: Int, bits: Int) {
    self.count = count
    self.bits = bits
    memory = [Int16](repeating: 0, count: count)
  }

  /// A code; one that does not fit ``bits`` is a bug of the caller.
  public subscript(index: Int) -> Int16 {
    get {
      precondition((0..<count).contains(index), "no such code")
      guard bits == 8 else { return memory[index] }
      return unsafe memory.withUnsafeBytes {
        unsafe Int16($0.load(fromByteOffset: index, as: Int8.self))
      }
    }
    set {
      precondition((0..<count).contains(index), "no such code")
      if bits == 8 {
        let code = Int8(newValue)
        unsafe memory.withUnsafeMutableBytes {
          unsafe $0.storeBytes(of: code, toByteOffset: index, as: Int8.self)
        }
      } else {
        memory[index] = newValue
      }
    }
  }

  /// Takes all codes over at once; one that does not fit ``bits`` is a bug of the caller.
  package mutating func replace(with codes: [Int16]) {
    precondition(codes.count == count, "a row of another length")
    if bits == 8 {
      unsafe memory.withUnsafeMutableBytes { bytes in
        for index in codes.indices { unsafe bytes[index] = UInt8(bitPattern: Int8(codes[index])) }
      }
    } else {
      for index in codes.indices { memory[index] = codes[index] }
    }
  }

  /// Gives all codes at once; `codes` keeps its memory.
  package func copy(into codes: inout [Int16]) {
    codes.removeAll(keepingCapacity: true)
    if bits == 8 {
      unsafe memory.withUnsafeBytes { bytes in
        for index in 0..<count { codes.append(Int16(unsafe Int8(bitPattern: bytes[index]))) }
      }
    } else {
      codes.append(contentsOf: memory)
    }
  }
}
