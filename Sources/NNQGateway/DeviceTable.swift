// SPDX-License-Identifier: Apache-2.0

/// Who has sent what: for every device the highest sequence number, which of the numbers below it have
/// been seen, and what was decided for the last of them. It grows to a cap and then takes in no new device.
package struct DeviceTable: Sendable {
  /// The numbers at and below the highest that are remembered one by one.
  package static let window = 1024
  private static let words = window / 64

  /// What a sequence number is.
  package enum Arrival: Equatable, Sendable {
    case new
    case duplicate
    /// Below the window: nobody knows any more.
    case stale
  }

  package let limit: Int
  private var names: [[UInt8]] = []
  private var highest: [UInt64] = []
  /// `[devices][words]`, a bit for each number modulo the window.
  private var seen: [UInt64] = []
  /// Open addressing, a power of two of slots, at most half of them taken: the device, or -1.
  private var slots: [Int32]
  package var answers = AnswerMemory()
  /// What ``take(_:of:)`` has changed since the last ``confirm()``.
  private var changes: [Change] = []
  /// The words of ``seen`` as they were before those changes.
  private var oldWords: [(place: Int, bits: UInt64)] = []

  private struct Change: Sendable {
    let device: Int
    let isNew: Bool
    let sequence: UInt64
    let highest: UInt64
    /// How many of ``oldWords`` belong to it.
    let words: Int
  }

  package init(limit: Int) {
    self.limit = limit
    slots = [Int32](repeating: -1, count: 64)
  }

  package var count: Int { names.count }

  /// The number of a device, which is taken in when it is new; nil when the table is full.
  package mutating func index(of name: [UInt8]) -> Int? {
    var slot = find(name)
    if slots[slot] >= 0 { return Int(slots[slot]) }
    guard names.count < limit else { return nil }
    if 2 * (names.count + 1) > slots.count {
      grow()
      slot = find(name)
    }
    slots[slot] = Int32(names.count)
    // A copy as long as the name: the caller's array has room for the longest and is filled again.
    names.append(name.map { $0 })
    highest.append(0)
    seen.append(contentsOf: repeatElement(0, count: Self.words))
    return names.count - 1
  }

  /// The number of a device that is known.
  package func known(_ name: [UInt8]) -> Int? {
    let slot = slots[find(name)]
    return slot < 0 ? nil : Int(slot)
  }

  package func name(_ device: Int) -> [UInt8] { names[device] }
  package func highest(_ device: Int) -> UInt64 { highest[device] }

  /// `[words]`, the numbers that were seen: bit `n % window` for number `n`.
  package func seen(_ device: Int) -> ArraySlice<UInt64> {
    seen[device * Self.words..<(device + 1) * Self.words]
  }

  /// What the number is, without a change.
  package func arrival(_ sequence: UInt64, of device: Int) -> Arrival {
    let top = highest[device]
    if sequence > top { return .new }
    if top - sequence >= Self.window { return .stale }
    let (word, bit) = place(sequence, device)
    return seen[word] & bit == 0 ? .new : .duplicate
  }

  /// Remembers a number that is new.
  package mutating func mark(_ sequence: UInt64, of device: Int) {
    let top = highest[device]
    if sequence > top {
      let gap = sequence - top
      if gap >= Self.window {
        for word in device * Self.words..<(device + 1) * Self.words { seen[word] = 0 }
      } else {
        for number in top + 1...sequence {
          let (word, bit) = place(number, device)
          seen[word] &= ~bit
        }
      }
      highest[device] = sequence
    }
    let (word, bit) = place(sequence, device)
    seen[word] |= bit
  }

  /// Remembers a number that is new, so that it can be taken back until ``confirm()``.
  ///
  /// - Parameter isNew: the device came with this number.
  package mutating func take(_ sequence: UInt64, of device: Int, isNew: Bool) {
    let top = highest[device]
    // The words from the first number that changes to the last, round the window at most once.
    let first = min(sequence, top + 1) / 64
    let words = Int(min(sequence / 64 - first + 1, UInt64(Self.words)))
    for word in 0..<words {
      let place = device * Self.words + Int((first + UInt64(word)) % UInt64(Self.words))
      oldWords.append((place, seen[place]))
    }
    changes.append(
      Change(device: device, isNew: isNew, sequence: sequence, highest: top, words: words))
    mark(sequence, of: device)
  }

  /// What was taken is not taken back any more.
  package mutating func confirm() {
    changes.removeAll(keepingCapacity: true)
    oldWords.removeAll(keepingCapacity: true)
  }

  /// Forgets the numbers, their answers and the devices that were taken since ``confirm()``.
  package mutating func takeBack() {
    while let change = changes.popLast() {
      let device = change.device
      answers.forget(change.sequence, of: device)
      for old in oldWords.suffix(change.words) { seen[old.place] = old.bits }
      oldWords.removeLast(change.words)
      highest[device] = change.highest
      guard change.isNew else { continue }
      precondition(device == names.count - 1, "taken back in another order")
      // Nobody came after it, so that no search passes its slot.
      slots[find(names[device])] = -1
      names.removeLast()
      highest.removeLast()
      seen.removeLast(Self.words)
    }
  }

  /// Puts back what ``highest(_:)`` and ``seen(_:)`` gave; false when the table is full.
  package mutating func restore(_ name: [UInt8], highest top: UInt64, seen bits: [UInt64]) -> Bool {
    precondition(bits.count == Self.words, "a window of another size")
    guard let device = index(of: name) else { return false }
    highest[device] = top
    for word in 0..<Self.words { seen[device * Self.words + word] = bits[word] }
    return true
  }

  // MARK: -

  private func place(_ sequence: UInt64, _ device: Int) -> (word: Int, bit: UInt64) {
    let offset = Int(sequence % UInt64(Self.window))
    return (device * Self.words + offset / 64, 1 << UInt64(offset % 64))
  }

  /// The slot of a name, or the empty one where it belongs.
  private func find(_ name: [UInt8]) -> Int {
    var slot = hash(name) & (slots.count - 1)
    while slots[slot] >= 0, names[Int(slots[slot])] != name {
      slot = (slot + 1) & (slots.count - 1)
    }
    return slot
  }

  /// Seeded anew in every process, so that no sender can choose names that collide.
  private func hash(_ name: [UInt8]) -> Int {
    var hasher = Hasher()
    unsafe name.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
    return hasher.finalize()
  }

  private mutating func grow() {
    slots = [Int32](repeating: -1, count: 2 * slots.count)
    for device in names.indices { slots[find(names[device])] = Int32(device) }
  }
}
