// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQFormat
import NNQGateway
import NNQTestSupport
import Testing

/// `nnqd` as a process of its own in a folder of its own.
final class GatewayProcess {
  static let motorModel = packageRoot + "/models/motor-fault/model.int8.bin"

  let folder: TemporaryFolder
  private let child: ChildProcess
  private var hasEnded = false

  /// Starts the daemon with a socket and waits until it answers.
  ///
  /// - Parameters:
  ///   - options: words of the command line; `$D` is the folder.
  ///   - before: what stands in the shell's line before the program.
  init(
    _ options: String, before: String = "", in folder: TemporaryFolder = TemporaryFolder(),
    waits: Bool = true
  ) throws {
    self.folder = folder
    child = ChildProcess(
      "D='\(folder.path)' M='\(Self.motorModel)'\n"
        + "\(before) exec \"$NNQD\" --socket \"$D/nnqd.sock\" \(options)")
    guard waits else { return }
    try #require(eventually { self.connect() != nil }, "\(log)")
  }

  deinit {
    guard !hasEnded else { return }
    child.send(SIGKILL)
    _ = child.finish()
  }

  var log: String { child.errors }
  var number: pid_t { child.number }

  func send(_ signal: Int32) { child.send(signal) }

  /// Waits for the end.
  func finish() -> Answer {
    hasEnded = true
    return child.finish()
  }

  /// A caller of the daemon's socket; nil while nobody listens.
  func connect() -> Caller? { Caller(folder("nnqd.sock")) }

  /// What the daemon answers to one line.
  func ask(_ line: String) throws -> String {
    let caller = try #require(connect())
    caller.send(Array((line + "\n").utf8))
    return caller.line() ?? ""
  }

  /// The value of a metric with its labels; nil when there is none.
  func metric(_ name: String) throws -> Double? {
    let caller = try #require(connect())
    caller.send(Array("metrics\n".utf8))
    while let line = caller.line(), line != "# EOF" {
      if line.hasPrefix("nnqd_\(name) ") {
        return line.split(separator: " ").last.flatMap { Double($0) }
      }
    }
    return nil
  }

  /// Waits until a metric has a value, for at most 20 seconds.
  func waits(for name: String, _ value: Double) -> Bool {
    eventually { (try? self.metric(name)) == value }
  }

  /// Waits until the log has a text, for at most 20 seconds.
  func logs(_ text: String) -> Bool { eventually { self.log.contains(text) } }
}

/// A client of a Unix or a TCP socket that waits for at most 20 seconds.
final class Caller {
  let socket: Int32
  private var pending: [UInt8] = []

  /// Nil when nobody listens at the path.
  init?(_ path: String) {
    socket = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = unixAddress(path)
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    let code = unsafe withUnsafePointer(to: &address) {
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe Glibc.connect(socket, $0, size)
      }
    }
    if code != 0 { return nil }
  }

  /// Nil when nobody listens at the port of this machine.
  init?(port: UInt16, receives bytes: Int32 = 0) {
    socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    if bytes > 0 {
      var size = bytes
      _ = unsafe setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &size, 4)
    }
    var address = loopback(port)
    let code = unsafe withUnsafePointer(to: &address) {
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe Glibc.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    if code != 0 { return nil }
  }

  deinit { close(socket) }

  /// Sends; false when the other side takes no more, where `isPatient` is false at once.
  @discardableResult
  func send(_ bytes: [UInt8], isPatient: Bool = true) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let flags = Int32(MSG_NOSIGNAL) | (isPatient ? 0 : Int32(MSG_DONTWAIT))
      let sent = unsafe rest.withUnsafeBytes {
        unsafe Glibc.send(socket, $0.baseAddress, $0.count, flags)
      }
      guard sent > 0 else { return false }
      rest = rest.dropFirst(sent)
    }
    return true
  }

  /// The next line without its end; nil when none comes.
  func line() -> String? {
    while true {
      if let end = pending.firstIndex(of: 0x0A) {
        defer { pending.removeFirst(end + 1) }
        return String(decoding: pending[..<end], as: UTF8.self)
      }
      guard receive() else { return nil }
    }
  }

  /// All until the other side closes.
  func rest() -> [UInt8] {
    while receive() {}
    return pending
  }

  private func receive() -> Bool {
    var request = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
    guard unsafe poll(&request, 1, 20_000) > 0 else { return false }
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    let got = unsafe read(socket, &chunk, chunk.count)
    guard got > 0 else { return false }
    pending += chunk[..<got]
    return true
  }
}

/// Whether something becomes true within 20 seconds.
func eventually(_ isTrue: () -> Bool) -> Bool {
  for _ in 0..<2000 {
    if isTrue() { return true }
    usleep(10_000)
  }
  return false
}

func unixAddress(_ path: String) -> sockaddr_un {
  var address = sockaddr_un()
  address.sun_family = sa_family_t(AF_UNIX)
  unsafe withUnsafeMutableBytes(of: &address.sun_path) { memory in
    unsafe memory.copyBytes(from: path.utf8.prefix(memory.count - 1))
  }
  return address
}

func loopback(_ port: UInt16) -> sockaddr_in {
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = port.bigEndian
  address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
  return address
}

/// A port of this machine that nobody used a moment ago.
func freePort() -> UInt16 {
  let probe = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  defer { close(probe) }
  var address = loopback(0)
  var size = socklen_t(MemoryLayout<sockaddr_in>.size)
  unsafe withUnsafeMutablePointer(to: &address) {
    unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      unsafe bind(probe, $0, size)
      unsafe getsockname(probe, $0, &size)
    }
  }
  return UInt16(bigEndian: address.sin_port)
}

/// A golden row as a message of device `a`.
func goldenLine(_ sequence: Int, row: Int = 0) throws -> String {
  let cells = try goldenRows("golden-counts.csv")[row]
  let names = try motorModel().model.features.map(\.name)
  let values = names.map { cells[$0] ?? "" }.joined(separator: ",")
  return "{\"device\":\"a\",\"seq\":\(sequence),\"counts\":[\(values)]}"
}
