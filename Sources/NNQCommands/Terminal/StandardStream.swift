// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Where text goes: a stream of the process, or memory in tests.
struct StandardStream {
  /// The text that a test collects.
  final class Capture {
    var text = ""
  }

  private enum Destination {
    case descriptor(Int32)
    case memory(Capture)
  }

  private let destination: Destination
  let isTerminal: Bool

  init(descriptor: Int32) {
    destination = .descriptor(descriptor)
    isTerminal = isatty(descriptor) == 1
  }

  init(_ capture: Capture, isTerminal: Bool) {
    destination = .memory(capture)
    self.isTerminal = isTerminal
  }

  /// Sends everything; returns `errno` of the call that failed, or 0.
  func send(_ text: String) -> Int32 {
    switch destination {
    case .memory(let capture):
      capture.text += text
      return 0
    case .descriptor(let descriptor):
      var text = text
      return text.withUTF8 { bytes in
        var start = 0
        while start < bytes.count {
          let sent = unsafe write(
            descriptor, bytes.baseAddress?.advanced(by: start), bytes.count - start)
          if sent < 0, errno != EINTR { return errno }
          start += max(sent, 0)
        }
        return 0
      }
    }
  }

  /// The columns of the terminal; 80 where there is none.
  ///
  /// - Parameter columns: the value of `COLUMNS`, which wins.
  func width(columns: String?) -> Int {
    if let columns = columns.flatMap({ Int($0) }), columns > 0 { return columns }
    guard case .descriptor(let descriptor) = destination, isTerminal else { return 80 }
    var size = winsize()
    let status = unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size)
    return status == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
  }
}

/// The value of an environment variable.
func environment(_ name: String) -> String? {
  unsafe getenv(name).map { unsafe String(cString: $0) }
}
