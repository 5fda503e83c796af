// SPDX-License-Identifier: Apache-2.0

/// What was decided for the highest sequence numbers of every device, within a cap of memory: each
/// device has the same power of two of places, and a number lies at its remainder by that.
package struct AnswerMemory: Sendable {
  private struct Entry: Sendable {
    /// All ones where nothing is kept.
    var sequence = Frame.noSequence
    var model: UInt64 = 0
    var margin: Int64 = 0
    var score: Int64 = 0
    var label: Int32 = -1
    var outputs: Int32 = 0
  }

  private let byteLimit: Int
  /// The most places of a device: no older number is asked for.
  private let placeLimit: Int
  /// Devices that have places: a power of two, or 0 at first.
  private var devices = 0
  /// Of each device; 0 where the cap is too small for so many devices.
  package private(set) var places = 0
  /// Output codes for which an entry has room.
  private var width = 0
  /// `[devices][places]`
  private var entries: [Entry] = []
  /// `[devices][places][width]`
  private var codes: [Int16] = []

  package init(byteLimit: Int = 1 << 23, placeLimit: Int = DeviceTable.window) {
    self.byteLimit = byteLimit
    self.placeLimit = placeLimit
  }

  /// Keeps a decision of a model, of which the first bytes of its hash are given, unless a higher number
  /// has its place.
  package mutating func keep(
    _ decision: Decision, model: UInt64, sequence: UInt64, device: Int
  ) {
    if device >= devices || decision.codes.count > width {
      makeRoom(devices: device + 1, width: decision.codes.count)
    }
    guard places > 0 else { return }
    let place = place(sequence, device)
    let known = entries[place].sequence
    guard known == Frame.noSequence || known < sequence else { return }
    entries[place] = Entry(
      sequence: sequence, model: model, margin: decision.margin, score: decision.score,
      label: decision.label, outputs: Int32(decision.codes.count))
    for index in decision.codes.indices { codes[place * width + index] = decision.codes[index] }
  }

  /// Fills a decision but for its input, flags and their margins; returns the first bytes of its model's
  /// hash, or nil where nothing is known of the number.
  package func recall(_ sequence: UInt64, of device: Int, into decision: inout Decision) -> UInt64?
  {
    guard device < devices, places > 0 else { return nil }
    let place = place(sequence, device)
    let entry = entries[place]
    guard entry.sequence == sequence else { return nil }
    decision.label = entry.label
    decision.margin = entry.margin
    decision.score = entry.score
    decision.codes.removeAll(keepingCapacity: true)
    let start = place * width
    decision.codes.append(contentsOf: codes[start..<start + Int(entry.outputs)])
    return entry.model
  }

  package mutating func forget(_ sequence: UInt64, of device: Int) {
    guard device < devices, places > 0 else { return }
    let place = place(sequence, device)
    if entries[place].sequence == sequence { entries[place] = Entry() }
  }

  // MARK: -

  private func place(_ sequence: UInt64, _ device: Int) -> Int {
    device * places + Int(sequence & UInt64(places - 1))
  }

  /// Makes room for more devices or outputs; where the cap leaves fewer places, the highest numbers stay.
  private mutating func makeRoom(devices wanted: Int, width wantedWidth: Int) {
    var next = AnswerMemory(byteLimit: byteLimit, placeLimit: placeLimit)
    next.devices = max(devices, 16)
    while next.devices < wanted { next.devices *= 2 }
    next.width = max(width, wantedWidth)
    let entryBytes = MemoryLayout<Entry>.stride + 2 * next.width
    next.places = placeLimit
    while next.devices * next.places * entryBytes > byteLimit { next.places /= 2 }
    let count = next.devices * next.places
    next.entries = [Entry](repeating: Entry(), count: count)
    next.codes = [Int16](repeating: 0, count: count * next.width)
    if next.places > 0 { copy(to: &next) }
    self = next
  }

  private func copy(to next: inout AnswerMemory) {
    for (place, entry) in entries.enumerated() where entry.sequence != Frame.noSequence {
      let other = next.place(entry.sequence, place / places)
      let known = next.entries[other].sequence
      guard known == Frame.noSequence || known < entry.sequence else { continue }
      next.entries[other] = entry
      for index in 0..<Int(entry.outputs) {
        next.codes[other * next.width + index] = codes[place * width + index]
      }
    }
  }
}
