// SPDX-License-Identifier: Apache-2.0

/// The search for the cells of one record, which can stop where the bytes end and go on later.
struct CSVScan {
  enum Fault { case nul, textAfterQuote }

  enum Outcome {
    /// The record takes this many bytes, its line feed included.
    case complete(length: Int)
    case incomplete
    case fault(Fault)
  }

  private enum State {
    case cellStart, unquoted, quoted
    /// After a quote inside of a quoted cell: the first of a pair or the closing one.
    case quoteSeen
    /// After a closing quote.
    case closed
  }

  /// Where each cell ends, relative to the record's first byte; as many as are expected.
  private(set) var ends: [Int32] = []
  /// The cells of the record, which may be more than ``ends`` holds.
  private(set) var count = 0
  /// The lines that the record takes.
  private(set) var lines = 0
  /// The line is empty.
  private(set) var isBlank = false

  private var state = State.cellStart
  /// How far the search got, relative to the record's first byte.
  private var progress = 0
  private var isComplete = true
  private var isHeader = true

  var isInsideQuotes: Bool { !isComplete && state == .quoted }

  /// Keeps the ends of no more cells than this from now on.
  mutating func expectCells(_ count: Int) {
    ends = [Int32](repeating: 0, count: count)
    isHeader = false
  }

  /// Searches on in `bytes[start..<end]`, where `bytes[end]` is a line feed that is not part of it.
  mutating func run(over bytes: [UInt8], from start: Int, to end: Int) -> Outcome {
    if isComplete {
      (state, progress, count, lines, isComplete) = (.cellStart, 0, 0, 0, false)
    }
    if isHeader { return runHeader(over: bytes, from: start, to: end) }
    return search(bytes, from: start, to: end)
  }

  /// The number of cells is not known yet: there are at most as many as bytes.
  private mutating func runHeader(
    over bytes: [UInt8], from start: Int, to end: Int
  ) -> Outcome {
    let room = min(end - start + 1, CSVReader.mostColumns)
    if ends.count < room { ends += [Int32](repeating: 0, count: room - ends.count) }
    return search(bytes, from: start, to: end)
  }

  private mutating func search(_ bytes: [UInt8], from start: Int, to end: Int) -> Outcome {
    var position = start + progress
    var state = state
    var count = count
    var lines = lines
    var fault: Fault?
    let isFound = unsafe bytes.withUnsafeBufferPointer { bytes in
      unsafe ends.withUnsafeMutableBufferPointer { ends in
        while true {
          switch state {
          case .unquoted: break
          case .cellStart:
            if position == end { return false }
            if unsafe bytes[position] == 0x22 {
              position &+= 1
              state = .quoted
              continue
            }
            state = .unquoted
          case .quoted:
            while position < end, unsafe bytes[position] != 0x22 {
              if unsafe bytes[position] == 0x0A { lines &+= 1 }
              if unsafe bytes[position] == 0 { fault = .nul }
              position &+= 1
            }
            if position == end || fault != nil { return false }
            position &+= 1
            state = .quoteSeen
            continue
          case .quoteSeen:
            if position == end { return false }
            if unsafe bytes[position] == 0x22 {
              position &+= 1
              state = .quoted
            } else {
              state = .closed
            }
            continue
          case .closed:
            while position < end, unsafe bytes[position] == 0x20 || bytes[position] == 0x0D {
              position &+= 1
            }
            if position == end { return false }
            guard unsafe bytes[position] == 0x2C || bytes[position] == 0x0A else {
              fault = .textAfterQuote
              return false
            }
          }
          // Nothing above a comma ends an unquoted cell; the line feed at `end` stops the search.
          while unsafe bytes[position] > 0x2C { position &+= 1 }
          let byte = unsafe bytes[position]
          if byte == 0x2C || byte == 0x0A {
            if byte == 0x0A, position == end { return false }
            // Fits: a record longer than 16 MiB is refused.
            if count < ends.count {
              unsafe ends[count] = Int32(truncatingIfNeeded: position &- start)
            }
            count &+= 1
            position &+= 1
            state = .cellStart
            if byte == 0x0A { return true }
          } else if byte == 0 {
            fault = .nul
            return false
          } else {
            position &+= 1
          }
        }
      }
    }
    self.state = state
    self.count = count
    self.lines = lines
    progress = position - start
    if let fault { return .fault(fault) }
    guard isFound else { return .incomplete }
    finish(bytes, from: start, to: position)
    return .complete(length: position - start)
  }

  /// Takes the carriage return off the last cell.
  private mutating func finish(_ bytes: [UInt8], from start: Int, to end: Int) {
    isComplete = true
    lines += 1
    let hasReturn = end - start >= 2 && bytes[end - 2] == 0x0D
    if hasReturn, count <= ends.count { ends[count - 1] -= 1 }
    isBlank = end - start == (hasReturn ? 2 : 1)
  }
}
