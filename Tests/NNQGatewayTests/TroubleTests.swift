// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQFormat
import NNQGateway
import NNQTestSupport
import Testing

/// What senders do wrong, at the socket of the real daemon: what they are answered and what is counted.
@Suite(.enabled(if: ChildProcess.isThere, "nnqd was not built with the tests"))
struct TroubleTests {
  private static let names = (try? motorModel().model.features.map(\.name)) ?? []

  /// A line with one reading spelt like this.
  private static func line(_ reading: String) -> String {
    let rest = names.dropFirst().map { "\"\($0)\":1" }.joined(separator: ",")
    return "{\"x\":{\"\(names.first ?? "")\":\(reading),\(rest)}}\n"
  }

  static let cases: [(bytes: [UInt8], reason: String)] = [
    (Array(line("NaN").utf8), "malformed"), (Array(line("null").utf8), "missing-feature"),
    (Array(line("1e99").utf8), "not-finite"),
    (Array("{\"x\":{\"smell\":1}}\n".utf8), "unknown-feature"),
    (Array("{\"x\":{\"speed\":1}}\n".utf8), "missing-feature"),
    (Array("{\"device\":\"b\",\"x\":{}}\n".utf8), "unknown-device"),
    (frame(.nan), "missing-feature"), (frame(.signalingNaN), "missing-feature"),
    (frame(.infinity), "not-finite"),
    (Array(frame(1).dropLast()) + [0], "checksum"),
    ([0xF1, 0x6E, 9, 9, 9, 9, 9, 9, 9, 9, 0x0A], "bad-frame"),
    ([0x00, 0xFF, 0xFE, 0x80, 0x0A], "malformed"),
    ([UInt8](repeating: 0x61, count: 10_000_000) + [0x0A], "too-long"),
  ]

  private static func frame(_ first: Float) -> [UInt8] {
    let readings = [first] + [Float](repeating: 1, count: names.count - 1)
    return Frame.request(
      .readings, device: [0x61], sequence: nil, values: readings.map(\.bitPattern))
  }

  @Test(
    "answers what cannot be decided with a reason, counts it, and goes on", arguments: cases.indices
  )
  func trouble(index: Int) throws {
    let (bytes, reason) = Self.cases[index]
    let folder = TemporaryFolder()
    folder.put("a\n", in: "devices")
    let allows = reason == "unknown-device" || bytes.first == 0xF1
    let gateway = try GatewayProcess(
      "--model \"$M\" --allow-unsigned \(allows ? "--devices \"$D/devices\"" : "")", in: folder)
    let caller = try #require(gateway.connect())
    caller.send(bytes)
    #expect(gateway.waits(for: "refused_total{reason=\"\(reason)\"}", 1))
    #expect(try gateway.metric("decisions_total") == 0)
    #expect(try gateway.ask(try goldenLine(1)).contains("\"verdict\":\"healthy\""))
  }

  @Test("refuses each message by its number when the disk is full, says so once, and forgets none")
  func fullDisk() throws {
    // So many blocks of 512 bytes for each file.
    let gateway = try GatewayProcess(
      "--model \"$M\" --allow-unsigned --state \"$D/state\" --statistics", before: "ulimit -f 16;")
    var next = 1
    while !(try gateway.ask(try goldenLine(next))).contains("\"error\":\"journal\"") {
      next += 1
      try #require(next < 1000)
    }
    let decisions = try gateway.metric("decisions_total")
    #expect(decisions == Double(next - 1))
    #expect(try gateway.metric("statistics_rows_total") == decisions)
    let caller = try #require(gateway.connect())
    let lines = try (1...5).map { try goldenLine(next + 100 * $0) }
    caller.send(Array((lines.joined(separator: "\n") + "\n").utf8))
    for number in 1...5 {
      let answer = try #require(caller.line())
      #expect(answer.contains("\"seq\":\(next + 100 * number),\"error\":\"journal\"}"))
    }
    #expect(try gateway.metric("decisions_total") == decisions)
    #expect(try gateway.metric("statistics_rows_total") == decisions)
    #expect(try gateway.metric("refused_total{reason=\"journal\"}") == 6)
    #expect(try gateway.ask(try goldenLine(1)).contains("\"duplicate\":true"))
    // Numbers that were refused do not make the ones before them old.
    #expect(try gateway.ask(try goldenLine(next + 100_000)).contains("\"error\":\"journal\""))
    #expect(try gateway.ask(try goldenLine(next)).contains("\"error\":\"journal\""))
    #expect(
      eventually {
        _ = try? gateway.ask((try? goldenLine(next)) ?? "")
        return (try? gateway.ask("health"))?.contains("\"status\":\"journal\"") == true
      })
    #expect(gateway.log.split(separator: "\n").count { $0.contains("cannot be written") } == 1)
  }

  @Test(
    "refuses messages from then on when the state folder was removed, also when one is there again")
  func removedState() throws {
    let gateway = try GatewayProcess("--model \"$M\" --allow-unsigned --state \"$D/state\"")
    #expect(try gateway.ask(try goldenLine(1)).contains("\"verdict\""))
    #expect(ChildProcess.run("rm -r '\(gateway.folder("state"))'").code == 0)
    #expect(
      try gateway.ask(try goldenLine(2)) == "{\"device\":\"a\",\"seq\":2,\"error\":\"journal\"}")
    #expect(try gateway.ask("health").contains("\"status\":\"journal\""))
    _ = gateway.folder.makeFolder("state")
    #expect(try gateway.ask(try goldenLine(2)).contains("\"error\":\"journal\""))
    #expect(TemporaryFolder.names(in: gateway.folder("state")).isEmpty)
    #expect(gateway.log.split(separator: "\n").count { $0.contains("removed while") } == 1)
  }

  @Test("goes on in a new file, with all numbers in it, when the journal's was removed")
  func removedJournal() throws {
    let options = "--model \"$M\" --allow-unsigned --state \"$D/state\""
    let gateway = try GatewayProcess(options)
    #expect(try gateway.ask(try goldenLine(1)).contains("\"verdict\""))
    unsafe unlink(gateway.folder("state/journal-00000001.log"))
    #expect(gateway.logs("journal-00000001.log: removed while it was written"))
    #expect(eventually { (try? gateway.ask("health"))?.contains("\"status\":\"ok\"") == true })
    #expect(try gateway.ask(try goldenLine(2)).contains("\"verdict\""))
    gateway.send(SIGKILL)
    _ = gateway.finish()
    let again = try GatewayProcess(options, in: gateway.folder)
    for number in 1...2 {
      #expect(try again.ask(try goldenLine(number)).contains("\"duplicate\":true"))
    }
  }

  @Test("counts that metrics-file cannot be written, and goes on")
  func metricsFile() throws {
    // A file may have no byte.
    let gateway = try GatewayProcess(
      "--model \"$M\" --allow-unsigned --metrics-file \"$D/metrics\"", before: "ulimit -f 0;")
    #expect(gateway.waits(for: "metrics_file_failures_total", 1))
    #expect(try gateway.ask(try goldenLine(1)).contains("verdict"))
  }

  @Test("refuses a pipe where a setting names a file, and does not wait for its writer")
  func pipes() throws {
    let folder = TemporaryFolder()
    unsafe mkfifo(folder("pipe"), 0o644)
    let model = "--model \"$M\" --allow-unsigned"
    #if MQTT
      let ofBroker = ["\(model) --mqtt 127.0.0.1:1 --mqtt-topic a --mqtt-ca \"$D/pipe\""]
    #else
      let ofBroker: [String] = []
    #endif
    for options in ofBroker + [
      "--model \"$D/pipe\" --allow-unsigned", "--model \"$M\" --keyring \"$D/pipe\"",
      "\(model) --shadow \"$D/pipe\"", "\(model) --devices \"$D/pipe\"", "--config \"$D/pipe\"",
      "\(model) --metrics-file \"$D/pipe\"",
    ] {
      let answer = try GatewayProcess(options, in: folder, waits: false).finish()
      #expect(answer.code == 3 || answer.code == 4, "\(options): \(answer.errors)")
      #expect(answer.errors.contains("Operation not supported"), "\(options): \(answer.errors)")
    }
  }

  @Test("takes the configuration over a descriptor that its caller hands over")
  func handedConfiguration() throws {
    let answer = ChildProcess(
      "printf 'model = \(GatewayProcess.motorModel)\\nallow-unsigned = yes\\nstdin = yes\\n' | "
        + "exec \"$NNQD\" --check /dev/stdin"
    ).finish()
    #expect(answer.code == 0, "\(answer.errors)")
  }

  @Test("takes up a file of the models' folder when it may be read, and keeps it when it may not")
  func readPermission() throws {
    let folder = TemporaryFolder()
    _ = folder.makeFolder("models")
    folder.put(try motorModelBytes(), in: "models/a.bin")
    unsafe chmod(folder("models/a.bin"), 0)
    // Root without the capability to read what it may not.
    let child = ChildProcess(
      """
      [ "$(id -u)" = 0 ] && as='setpriv --bounding-set=-dac_override,-dac_read_search'
      exec $as "$NNQD" --socket '\(folder("nnqd.sock"))' --models '\(folder("models"))' --allow-unsigned
      """)
    defer {
      child.send(SIGKILL)
      _ = child.finish()
    }
    func health() -> String {
      let caller = Caller(folder("nnqd.sock"))
      caller?.send(Array("health\n".utf8))
      return caller?.line() ?? ""
    }
    try #require(eventually { child.errors.contains("a.bin: refused: cannot be read") })
    #expect(health().contains("\"model\":null"))
    unsafe chmod(folder("models/a.bin"), 0o644)
    let identity = try motorModel().identity
    #expect(eventually { health().contains(identity) }, "\(child.errors)")
    unsafe chmod(folder("models/a.bin"), 0)
    #expect(
      eventually { child.errors.split(separator: "\n").count { $0.contains("refused") } == 2 })
    #expect(health().contains(identity))
  }

  @Test("ends with a sentence and 4 when standard output takes no answers")
  func fullOutput() throws {
    let line = try goldenLine(1)
    for output in ["> /dev/full", "| true"] {
      let child = ChildProcess(
        "{ (printf '%s\\n' '\(line)'; sleep 1; printf '%s\\n' '\(line)') | \"$NNQD\" --stdin "
          + "--allow-unsigned --model '\(GatewayProcess.motorModel)'; echo code $? >&2; } \(output)"
      )
      let answer = child.finish()
      #expect(answer.errors.contains("write standard output: "))
      #expect(answer.errors.contains("code 4"))
    }
  }

  @Test("says what of a journal a replay cannot read, and refuses options it does not know")
  func damagedReplay() throws {
    let folder = TemporaryFolder()
    let gateway = try GatewayProcess(
      "--model \"$M\" --allow-unsigned --state \"$D/state\"", in: folder)
    for number in 1...3 { _ = try gateway.ask(try goldenLine(number)) }
    gateway.send(SIGTERM)
    _ = gateway.finish()
    let log = "state/journal-00000001.log"
    var bytes = try #require(folder.bytes(log))
    bytes[bytes.count - 300] ^= 1
    folder.put(bytes, in: "damaged.log")
    for (words, code, text) in [
      ("\(folder(log))", 0, ""),
      (
        "--list --models '\(folder("state/models"))' '\(folder("damaged.log"))'", 1,
        "could not be read"
      ),
      ("--lst '\(folder(log))'", 2, "--lst"), ("/dev/zero", 4, "Operation not supported"),
      ("'\(folder(log))' '\(folder("damaged.log"))'", 1, "could not be read"),
    ] {
      let answer = ChildProcess("exec \"$NNQD\" replay \(words)").finish()
      #expect(answer.code == code, "\(words)")
      #expect(answer.errors.contains(text))
    }
  }

  @Test("lets callers wait, without a busy loop, while the system has no descriptor for them")
  func noDescriptors() throws {
    let gateway = try GatewayProcess("--model \"$M\" --allow-unsigned", before: "ulimit -n 32;")
    let first = try #require(gateway.connect())
    var others: [Caller] = []
    for _ in 0..<64 { others.append(try #require(gateway.connect())) }
    func metric(_ name: String) -> Int? {
      first.send(Array("metrics\n".utf8))
      var value: Int?
      while let line = first.line(), line != "# EOF" {
        if line.hasPrefix("nnqd_\(name) ") {
          value = line.split(separator: " ").last.flatMap { Int($0) }
        }
      }
      return value
    }
    #expect(eventually { (metric("accept_failures_total") ?? 0) >= 2 })
    // A busy loop turns thousands of times in this time.
    let turns = try #require(metric("turns_total"))
    usleep(300_000)
    #expect(try #require(metric("turns_total")) - turns < 20)
    others.removeAll()
    #expect(eventually { gateway.connect() != nil })
    #expect(try gateway.ask(try goldenLine(1)).contains("\"verdict\""))
  }
}
