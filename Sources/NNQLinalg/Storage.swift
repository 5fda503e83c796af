// SPDX-License-Identifier: Apache-2.0

/// A fixed number of numbers in memory that several threads may write, each in its own places.
@safe package final class Storage<Scalar: Real>: @unchecked Sendable {
  let base: UnsafeMutablePointer<Scalar>
  package let count: Int

  /// Whole cache lines, so that no vector is read across two.
  private static var alignment: Int { 64 }

  /// Zeros.
  package init(count: Int) {
    precondition(count >= 0)
    self.count = count
    let bytes = count * MemoryLayout<Scalar>.stride
    let raw = UnsafeMutableRawPointer.allocate(
      byteCount: max(bytes, 1), alignment: Self.alignment)
    unsafe base = raw.bindMemory(to: Scalar.self, capacity: count)
    unsafe base.initialize(repeating: 0, count: count)
  }

  deinit { unsafe base.deallocate() }

  /// The numbers of a range, read and written in place.
  package subscript(range: Range<Int>) -> Vector<Scalar> {
    Vector(storage: self, start: range.lowerBound, count: range.count)
  }

  /// All of them.
  package var all: Vector<Scalar> { self[0..<count] }
}

/// A run of numbers in a ``Storage``. Copies share the numbers.
package struct Vector<Scalar: Real>: Sendable {
  package let storage: Storage<Scalar>
  let start: Int
  package let count: Int

  init(storage: Storage<Scalar>, start: Int, count: Int) {
    precondition(start >= 0 && count >= 0 && start + count <= storage.count)
    self.storage = storage
    self.start = start
    self.count = count
  }

  /// Zeros in memory of their own.
  package init(zeros count: Int) {
    self.init(storage: Storage(count: count), start: 0, count: count)
  }

  /// A copy of the elements, rounded to the type.
  package init(_ elements: some Collection<some BinaryFloatingPoint>) {
    self.init(zeros: elements.count)
    for (index, element) in elements.enumerated() { self[index] = Scalar(element) }
  }

  var pointer: UnsafeMutablePointer<Scalar> { unsafe storage.base + start }

  package subscript(index: Int) -> Scalar {
    get {
      precondition(index >= 0 && index < count)
      return unsafe pointer[index]
    }
    nonmutating set {
      precondition(index >= 0 && index < count)
      unsafe pointer[index] = newValue
    }
  }

  /// A part of it.
  package subscript(range: Range<Int>) -> Vector {
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    return Vector(storage: storage, start: start + range.lowerBound, count: range.count)
  }

  package var elements: [Scalar] {
    unsafe Array(UnsafeBufferPointer(start: pointer, count: count))
  }

  /// Becomes equal to `other`; they do not overlap.
  package func copy(_ other: Vector) {
    precondition(count == other.count)
    unsafe pointer.update(from: other.pointer, count: count)
  }

  /// Takes over as many elements.
  package func set(_ elements: [Scalar]) {
    precondition(count == elements.count)
    unsafe elements.withUnsafeBufferPointer { source in
      guard let first = source.baseAddress else { return }
      unsafe pointer.update(from: first, count: count)
    }
  }

  package func fill(_ value: Scalar) { unsafe pointer.update(repeating: value, count: count) }
}
