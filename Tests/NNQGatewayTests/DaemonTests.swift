// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQFormat
import NNQGateway
import NNQTestSupport
import Testing

@Suite struct DaemonTests {
  /// A daemon and the other end of a connection to it.
  private final class Session {
    let daemon: Daemon
    let socket: Int32

    init(_ change: (inout Configuration) -> Void = { _ in }) throws {
      var configuration = Configuration()
      configuration.model = packageRoot + "/models/motor-fault/model.int8.bin"
      configuration.allowsUnsigned = true
      configuration.readsStandardInput = true
      change(&configuration)
      daemon = try Daemon(configuration)
      var pair: [Int32] = [0, 0]
      unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair)
      _ = fcntl(pair[0], F_SETFL, O_NONBLOCK)
      _ = fcntl(pair[1], F_SETFL, O_NONBLOCK)
      socket = pair[1]
      try daemon.serve(pair[0])
    }

    deinit { close(socket) }

    func send(_ bytes: [UInt8]) {
      var rest = bytes[...]
      while !rest.isEmpty {
        let sent = unsafe rest.withUnsafeBytes { unsafe write(socket, $0.baseAddress, $0.count) }
        if sent > 0 { rest = rest.dropFirst(sent) }
        daemon.turn(timeout: 0)
      }
      daemon.turn(timeout: 0)
    }

    func receive() -> String {
      var result: [UInt8] = []
      var chunk = [UInt8](repeating: 0, count: 65_536)
      while true {
        let got = unsafe read(socket, &chunk, chunk.count)
        guard got > 0 else { return String(decoding: result, as: UTF8.self) }
        result += chunk[..<got]
        daemon.turn(timeout: 0)
      }
    }

    /// What the daemon answers to a line.
    func ask(_ line: String) -> String {
      send(Array((line + "\n").utf8))
      return receive()
    }
  }

  private func line(_ sequence: Int) throws -> String {
    let cells = try #require(try goldenRows("golden-counts.csv").first)
    let names = try motorModel().model.features.map(\.name)
    let values = names.map { cells[$0] ?? "" }.joined(separator: ",")
    return "{\"device\":\"a\",\"seq\":\(sequence),\"counts\":[\(values)]}"
  }

  @Test("answers a line, garbage, a line of ten megabytes and a line again")
  func mixed() throws {
    let session = try Session()
    #expect(session.ask(try line(1)).contains("\"verdict\":\"healthy\""))
    session.send([UInt8](repeating: 0x78, count: 10_000_000) + [0x0A, 0xF1, 0x00, 0x0A])
    let answers = session.receive()
    #expect(answers.contains("too-long") && answers.contains("bad-frame"))
    #expect(session.ask(try line(2)).contains("\"seq\":2"))
    #expect(session.daemon.engine.counters.count(of: .tooLong) == 1)
    #expect(session.daemon.engine.counters.count(of: .badFrame) == 1)
  }

  @Test("cuts off a sender that takes no answers and keeps the others")
  func slowConsumer() throws {
    let session = try Session { $0.stallSeconds = 1 }
    let bytes = Array(String(repeating: try line(1) + "\n", count: 50).utf8)
    let deadline = monotonicMilliseconds() + 20_000
    // Writes until the daemon reads no more, and never reads an answer.
    while session.daemon.loopCounters.slowConsumers == 0, monotonicMilliseconds() < deadline {
      _ = unsafe bytes.withUnsafeBytes {
        unsafe Glibc.send(session.socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      session.daemon.turn(timeout: 10)
    }
    #expect(session.daemon.loopCounters.slowConsumers == 1)
  }

  @Test("cuts off a sender that stays inside a message")
  func halfOpen() throws {
    let session = try Session { $0.stallSeconds = 1 }
    session.send(Array("{\"device\":".utf8))
    let deadline = monotonicMilliseconds() + 20_000
    while session.daemon.loopCounters.halfOpen == 0, monotonicMilliseconds() < deadline {
      session.daemon.turn(timeout: 100)
    }
    #expect(session.daemon.loopCounters.halfOpen == 1)
  }

  @Test("cuts off a sender that sends one message byte by byte for too long")
  func dribbler() throws {
    let session = try Session { $0.stallSeconds = 1 }
    let deadline = monotonicMilliseconds() + 20_000
    var next: UInt8 = 0x7B
    while session.daemon.loopCounters.halfOpen == 0, monotonicMilliseconds() < deadline {
      _ = unsafe Glibc.send(session.socket, &next, 1, Int32(MSG_NOSIGNAL))
      next = 0x20
      session.daemon.turn(timeout: 100)
      usleep(20_000)
    }
    #expect(session.daemon.loopCounters.halfOpen == 1)
  }

  @Test("answers no more words than a sender takes, and the rest when it takes them")
  func amplification() throws {
    let session = try Session()
    _ = unsafe Array(String(repeating: "metrics\n", count: 300).utf8).withUnsafeBytes {
      unsafe Glibc.send(session.socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
    }
    session.daemon.turn(timeout: 0)
    let bytes = session.daemon.metricsText().utf8.count
    // What the kernel takes beside the answers that wait is a socket's buffer.
    #expect(session.daemon.senderBytes < 1 << 18 + 1 << 17 + bytes)
    var ends = 0
    let deadline = monotonicMilliseconds() + 60_000
    while ends < 295, monotonicMilliseconds() < deadline {
      ends += session.receive().split(separator: "\n").count { $0 == "# EOF" }
      session.daemon.turn(timeout: 0)
    }
    #expect(ends >= 295)
  }

  @Test("takes a last line without its end for a message, and counts a frame that is cut off")
  func lastLine() throws {
    for (bytes, answer) in [
      (Array(try line(7).utf8), "\"seq\":7"), (Array("{\"x\":".utf8), "malformed"),
    ] {
      let session = try Session()
      session.send(bytes)
      shutdown(session.socket, Int32(SHUT_WR))
      session.daemon.turn(timeout: 0)
      #expect(session.receive().contains(answer))
    }
    let session = try Session()
    session.send([0xF1, 0x6E, 1])
    shutdown(session.socket, Int32(SHUT_WR))
    session.daemon.turn(timeout: 0)
    #expect(session.daemon.engine.counters.count(of: .badFrame) == 1)
  }

  @Test("holds no memory for a sender that is idle")
  func idle() throws {
    let session = try Session()
    #expect(session.daemon.senderBytes == 0)
    #expect(session.ask(try line(1)).contains("\"seq\":1"))
    #expect(
      eventually {
        session.daemon.turn(timeout: 100)
        return session.daemon.senderBytes == 0
      })
  }

  @Test("sends the last answers to a sender that has closed its side")
  func halfClosed() throws {
    let session = try Session()
    session.send(Array((try line(1) + "\n").utf8))
    shutdown(session.socket, Int32(SHUT_WR))
    session.daemon.turn(timeout: 0)
    #expect(session.receive().contains("\"seq\":1"))
  }

  @Test("refuses a device that is not on the list")
  func unknownDevice() throws {
    let folder = TemporaryFolder()
    let path = folder.put("b\nc\n", in: "devices")
    let session = try Session { $0.devices = path }
    #expect(session.ask(try line(1)).contains("unknown-device"))
    #expect(session.daemon.engine.counters.count(of: .unknownDevice) == 1)
  }

  @Test("answers after a restart that it has the message already")
  func restart() throws {
    let folder = TemporaryFolder()
    let state = folder("state")
    for round in 0..<2 {
      let session = try Session { $0.state = state }
      #expect(session.ask(try line(1)).contains("duplicate") == (round == 1))
    }
  }

  @Test("keeps a label one line and closed, whatever the name of a model")
  func hostileName() throws {
    let folder = TemporaryFolder()
    let name = "a\r\nnnqd_evil 1\"\u{301}\u{1b}.bin"
    folder.put(try motorModelBytes(), in: name)
    let session = try Session { $0.model = folder(name) }
    let text = session.daemon.metricsText()
    #expect(text.contains("file=\"a\\\\u{d}\\nnnqd_evil 1\\\"\u{301}\\\\u{1b}.bin\""))
    #expect(!text.contains("\nnnqd_evil"))
  }

  @Test("keeps a damaged file of statistics aside and counts it")
  func damagedStatistics() throws {
    let folder = TemporaryFolder()
    let state = folder.makeFolder("state")
    let name = "statistics-\(try motorModel().identity.prefix(16)).state"
    folder.put([1, 2, 3], in: "state/\(name)")
    let session = try Session {
      $0.state = state
      $0.keepsStatistics = true
    }
    #expect(session.daemon.metricsText().contains("nnqd_statistics_damaged_total 1\n"))
    #expect(folder.bytes("state/\(name).damaged") == [1, 2, 3])
  }

  @Test("tells its figures and its health on the socket")
  func commands() throws {
    let session = try Session { $0.keepsStatistics = true }
    _ = session.ask(try line(1))
    let metrics = session.ask("metrics")
    #expect(metrics.contains("nnqd_decisions_total 1\n") && metrics.hasSuffix("# EOF\n"))
    #expect(metrics.contains("nnqd_drift_psi{feature=\"speed\"}"))
    let identity = try motorModel().identity
    #expect(session.ask("health").contains("\"model\":\"\(identity)\""))
  }

  @Test("takes a new model from the folder while messages come, and never a half-copied one")
  func folder() throws {
    let folder = TemporaryFolder()
    let watched = folder.makeFolder("models")
    let session = try Session {
      $0.models = watched
      $0.state = folder("state")
      $0.model = nil
    }
    #expect(session.ask(try line(1)).contains("no-model"))
    let bytes = try motorModelBytes()
    let deadline = monotonicMilliseconds() + 20_000
    folder.put(Array(bytes[..<1000]), in: "models/a.bin")
    while session.daemon.incompleteModels == 0, monotonicMilliseconds() < deadline {
      session.daemon.turn(timeout: 10)
    }
    #expect(session.daemon.engine.model == nil)
    folder.put(bytes, in: "models/a.bin")
    while session.daemon.engine.model == nil, monotonicMilliseconds() < deadline {
      session.daemon.turn(timeout: 10)
    }
    #expect(session.ask(try line(1)).contains("verdict"))
  }
}
