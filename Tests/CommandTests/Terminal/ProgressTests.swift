// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import NNQCommands

@Suite struct ProgressTests {
  @Test("a log gets one line for each tenth")
  func log() {
    let captured = CapturedConsole()
    var progress = Progress("epoch", total: 200, on: captured.console())
    for epoch in 1...200 { progress.update(epoch, "loss \(epoch)") }
    progress.finish()
    let lines = captured.errors.text.split(separator: "\n")
    #expect(lines.count == 10)
    #expect(lines.first == "epoch 20/200  loss 20")
    #expect(lines.last == "epoch 200/200  loss 200")
  }

  @Test("a terminal line is redrawn ten times a second at most and leaves nothing behind")
  func terminal() {
    let captured = CapturedConsole()
    var progress = Progress("epoch", total: 9, on: captured.console(isTerminal: true, width: 20))
    progress.update(1, "a", now: 0)
    progress.update(2, "b", now: 99_999_999)
    progress.update(3, "a long detail\u{7}", now: 100_000_000)
    progress.finish()
    #expect(
      captured.errors.text
        == "\r\u{1B}[Kepoch 1/9  a\r\u{1B}[Kepoch 3/9  a long d\r\u{1B}[K")
  }

  @Test("details that are not shown are not made")
  func laziness() {
    let captured = CapturedConsole()
    var made = 0
    func detail() -> String {
      made += 1
      return ""
    }
    var progress = Progress("row", total: 1000, on: captured.console())
    for row in 1...1000 { progress.update(row, detail()) }
    #expect(made == 10)
    #expect(captured.errors.text.hasPrefix("row 100/1000\n"))
  }

  @Test("is silent when the user wants quiet, and takes any numbers")
  func quiet() {
    let captured = CapturedConsole()
    var console = captured.console()
    console.isQuiet = true
    var progress = Progress("row", total: 10, on: console)
    progress.update(10)
    #expect(captured.errors.text.isEmpty)
    console.isQuiet = false
    for (done, total) in [(0, 0), (5, -1), (.max, .max), (-1, 10)] {
      var odd = Progress("row", total: total, on: console)
      odd.update(done)
      odd.finish()
    }
  }
}
