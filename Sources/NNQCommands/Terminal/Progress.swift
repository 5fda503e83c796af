// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQWords

/// How far a long piece of work is, on standard error.
///
/// On a terminal one line is redrawn at most ten times a second. Elsewhere, in a log, a line appears
/// for each tenth of the work. A quiet console shows nothing.
struct Progress {
  private let stream: StandardStream
  private let style: Style
  private let isQuiet: Bool
  private let width: Int
  private let title: String
  private let total: Int
  private var nextRedraw: UInt64 = 0
  private var lastTenth = 0
  private var isDrawn = false

  private static let redrawInterval: UInt64 = 100_000_000

  /// - Parameters:
  ///   - title: what is counted, for example `epoch`.
  ///   - total: how many there are at most.
  init(_ title: String, total: Int, on console: Console) {
    stream = console.errors
    style = console.errorStyle
    isQuiet = console.isQuiet
    width = console.width
    self.title = title
    self.total = max(total, 1)
  }

  /// Shows that so many are done.
  ///
  /// - Parameters:
  ///   - detail: what else there is to say, for example `loss 0.0312`; only made when it is shown.
  ///   - now: a clock in nanoseconds that never runs back.
  mutating func update(
    _ done: Int, _ detail: @autoclosure () -> String = "", now: UInt64 = monotonicNanoseconds()
  ) {
    guard !isQuiet else { return }
    if stream.isTerminal {
      guard now >= nextRedraw else { return }
      nextRedraw = now + Self.redrawInterval
      isDrawn = true
      _ = stream.send("\r\u{1B}[K" + style.faint(String(line(done, detail()).prefix(width - 1))))
    } else {
      let tenth = done.multipliedReportingOverflow(by: 10).partialValue / total
      guard tenth > lastTenth else { return }
      lastTenth = tenth
      _ = stream.send(line(done, detail()) + "\n")
    }
  }

  /// Takes the line off the terminal.
  mutating func finish() {
    if isDrawn { _ = stream.send("\r\u{1B}[K") }
    isDrawn = false
  }

  private func line(_ done: Int, _ detail: String) -> String {
    let head = "\(title) \(done)/\(total)"
    return printable(detail.isEmpty ? head : "\(head)  \(detail)")
  }
}

/// A clock that never runs back, from an arbitrary start.
func monotonicNanoseconds() -> UInt64 {
  var time = timespec()
  unsafe clock_gettime(CLOCK_MONOTONIC, &time)
  return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
