// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQFormat

/// Finds a model's feature by the bytes of its name.
struct FeatureNames: Sendable {
  let count: Int
  private let text: [UInt8]
  /// `[count + 1]`, where each name starts in `text`.
  private let starts: [Int]
  /// Open addressing, a power of two of slots: the feature, or -1.
  private let slots: [Int32]
  /// The columns of categories that features stand for, by the bytes of their names.
  private let categories: [(name: [UInt8], column: CategoryColumn)]

  init(_ features: [Feature]) {
    var text: [UInt8] = []
    var starts = [0]
    for feature in features {
      text += feature.name.utf8
      starts.append(text.count)
    }
    var size = 16
    while size < 2 * features.count { size *= 2 }
    var slots = [Int32](repeating: -1, count: size)
    for index in features.indices {
      var slot = Self.hash(text.span.extracting(starts[index]..<starts[index + 1])) & (size - 1)
      while slots[slot] >= 0 { slot = (slot + 1) & (size - 1) }
      slots[slot] = Int32(index)
    }
    count = features.count
    self.text = text
    self.starts = starts
    self.slots = slots
    categories = CategoryColumn.all(of: features.map(\.name)).map {
      (Array($0.name.utf8), $0.column)
    }
  }

  /// The feature of this name; nil when there is none.
  ///
  /// - Parameter guess: the one that would come next in the model's order, which is tried first.
  func find(_ name: Span<UInt8>, guess: Int) -> Int? {
    if guess < count, equals(name, guess) { return guess }
    var slot = Self.hash(name) & (slots.count - 1)
    // Half of the slots are empty, so that the search ends.
    while slots[slot] >= 0 {
      let index = Int(slots[slot])
      if equals(name, index) { return index }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  /// The column of categories of this name; nil when there is none.
  func category(_ name: Span<UInt8>) -> CategoryColumn? {
    let found = categories.first { category in
      category.name.count == name.count
        && name.indices.allSatisfy { name[$0] == category.name[$0] }
    }
    return found?.column
  }

  private func equals(_ name: Span<UInt8>, _ index: Int) -> Bool {
    let start = starts[index]
    guard name.count == starts[index + 1] - start else { return false }
    for position in name.indices where name[position] != text[start + position] { return false }
    return true
  }

  /// FNV-1a.
  private static func hash(_ name: Span<UInt8>) -> Int {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for index in name.indices { hash = (hash ^ UInt64(name[index])) &* 0x100_0000_01B3 }
    return Int(truncatingIfNeeded: hash ^ hash >> 32)
  }
}
