// SPDX-License-Identifier: Apache-2.0
import NNQData

extension Message {
  /// Reads one line:
  /// `{"device": "pump-7", "seq": 42, "x": {"rms": 0.12, ...}}`, with `"counts"` instead of `"x"` for
  /// raw sensor counts; an array instead of the inner object has the model's order. `null` is a
  /// missing reading. A column of categories may be named with its value, a text or a number, in place
  /// of its features of 0 and 1. Other keys are passed over.
  ///
  /// - Parameter names: the features of the model; without them all values are passed over.
  /// - Throws: ``MessageFault``; what was read before the fault stays, so that an answer can name the
  ///   device and the sequence number.
  mutating func read(json line: Span<UInt8>, _ names: FeatureNames?) throws(MessageFault) {
    reset()
    var scan = JSONScan(line)
    var hasDevice = false
    var hasSequence = false
    var hasFeatures = false
    try scan.take(0x7B)
    if !scan.takes(0x7D) {
      repeat {
        let key = try key(scan, try scan.string())
        try scan.take(0x3A)
        switch key {
        case .device:
          try once(&hasDevice)
          guard scan.peek() == 0x22 else {
            try scan.skip(depth: 1)
            throw .wrongType
          }
          try readDevice(scan, try scan.string())
        case .sequence:
          try once(&hasSequence)
          guard scan.peek() == 0x2D || scan.peek() &- 0x30 <= 9 else {
            try scan.skip(depth: 1)
            throw .wrongType
          }
          guard let value = scan.integer(try scan.number()), value >= 0 else { throw .badSequence }
          sequence = UInt64(value)
        case .readings, .counts:
          if hasFeatures { throw .noFeatures }
          hasFeatures = true
          form = key == .counts ? .counts : .readings
          if let names { try readFeatures(&scan, names) } else { try scan.skip(depth: 1) }
        case .other: try scan.skip(depth: 1)
        }
      } while scan.takes(0x2C)
      try scan.take(0x7D)
    }
    try scan.end()
    guard hasFeatures else { throw .noFeatures }
  }

  // MARK: -

  private enum Key { case device, sequence, readings, counts, other }

  private func key(
    _ scan: borrowing JSONScan, _ text: JSONScan.Text
  ) throws(MessageFault) -> Key {
    if text.isEscaped {
      return switch String(decoding: try scan.unescaped(text), as: UTF8.self) {
      case "x": .readings
      case "seq": .sequence
      case "device": .device
      case "counts": .counts
      default: .other
      }
    }
    if scan.text(text, equals: "x") { return .readings }
    if scan.text(text, equals: "seq") { return .sequence }
    if scan.text(text, equals: "device") { return .device }
    return scan.text(text, equals: "counts") ? .counts : .other
  }

  private mutating func readDevice(
    _ scan: borrowing JSONScan, _ text: JSONScan.Text
  ) throws(MessageFault) {
    guard text.isEscaped else { return try setDevice(scan.bytes.extracting(text.range)) }
    let name = try scan.unescaped(text)
    try setDevice(name.span)
  }

  private func feature(
    _ scan: borrowing JSONScan, _ text: JSONScan.Text, _ names: FeatureNames, _ guess: Int
  ) throws(MessageFault) -> Int? {
    guard text.isEscaped else {
      return names.find(scan.bytes.extracting(text.range), guess: guess)
    }
    let name = try scan.unescaped(text)
    return names.find(name.span, guess: guess)
  }

  private func category(
    _ scan: borrowing JSONScan, _ text: JSONScan.Text, _ names: FeatureNames
  ) throws(MessageFault) -> CategoryColumn? {
    guard text.isEscaped else { return names.category(scan.bytes.extracting(text.range)) }
    let name = try scan.unescaped(text)
    return names.category(name.span)
  }

  private func once(_ seen: inout Bool) throws(MessageFault) {
    if seen { throw .duplicateKey }
    seen = true
  }

  private mutating func readFeatures(
    _ scan: inout JSONScan, _ names: FeatureNames
  ) throws(MessageFault) {
    switch scan.peek() {
    case 0x7B:
      try scan.take(0x7B)
      if scan.takes(0x7D) { return }
      var guess = 0
      repeat {
        let text = try scan.string()
        try scan.take(0x3A)
        guard let index = try feature(scan, text, names, guess) else {
          guard let column = try category(scan, text, names) else { throw .unknownFeature }
          try readCategory(&scan, column)
          continue
        }
        guard !isNamed[index] else {
          faultFeature = index
          throw .duplicateKey
        }
        isNamed[index] = true
        try readValue(&scan, index)
        guess = index &+ 1
      } while scan.takes(0x2C)
      try scan.take(0x7D)
    case 0x5B:
      try scan.take(0x5B)
      isPositional = true
      if scan.takes(0x5D) { throw .wrongWidth }
      var index = 0
      repeat {
        guard index < names.count else { throw .wrongWidth }
        isNamed[index] = true
        try readValue(&scan, index)
        index &+= 1
      } while scan.takes(0x2C)
      try scan.take(0x5D)
      guard index == names.count else { throw .wrongWidth }
    default:
      try scan.skip(depth: 1)
      throw .wrongType
    }
  }

  /// Sets the features of a column of categories by its value.
  private mutating func readCategory(
    _ scan: inout JSONScan, _ column: CategoryColumn
  ) throws(MessageFault) {
    faultFeature = column.places.first
    if let twice = column.places.first(where: { isNamed[$0] }) {
      faultFeature = twice
      throw .duplicateKey
    }
    let first = scan.peek()
    var value: [UInt8] = []
    if first == 0x22 {
      value = try scan.unescaped(try scan.string())
    } else if first == 0x2D || first &- 0x30 <= 9 {
      for index in try scan.number().range { value.append(scan.bytes[index]) }
    } else if first == 0x6E {
      try scan.word("null")
      throw .missingFeature
    } else if first == 0x5B || first == 0x7B || first == 0x74 || first == 0x66 {
      throw .wrongType
    } else {
      throw .malformed
    }
    guard let place = column.place(of: String(decoding: value, as: UTF8.self)) else {
      throw .unknownCategory
    }
    for other in column.places {
      isNamed[other] = true
      readings[other] = other == place ? 1 : 0
      counts[other] = other == place ? 1 : 0
    }
    faultFeature = nil
  }

  private mutating func readValue(_ scan: inout JSONScan, _ index: Int) throws(MessageFault) {
    let first = scan.peek()
    faultFeature = index
    if first == 0x6E {
      try scan.word("null")
      isNamed[index] = form == .readings
    } else if first == 0x2D || first &- 0x30 <= 9 {
      let number = try scan.number()
      if form == .counts {
        guard let value = scan.integer(number), let count = Int32(exactly: value) else {
          throw .badCount
        }
        counts[index] = count
      } else {
        let reading = Float(scan.value(number))
        guard reading.isFinite else { throw .notFinite }
        readings[index] = reading
      }
    } else if first == 0x22 || first == 0x5B || first == 0x7B || first == 0x74 || first == 0x66 {
      throw .wrongType
    } else {
      throw .malformed
    }
    faultFeature = nil
  }
}
