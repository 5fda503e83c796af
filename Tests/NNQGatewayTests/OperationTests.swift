// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQFiles
import NNQGateway
import NNQTestSupport
import Testing

@Suite(.enabled(if: ChildProcess.isThere, "nnqd was not built with the tests"))
struct OperationTests {
  /// The service manager's end of `NOTIFY_SOCKET`.
  private final class Manager {
    let path: String
    private let socket: Int32

    init(_ folder: TemporaryFolder) {
      path = folder("notify")
      socket = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
      var address = unixAddress(path)
      _ = unsafe withUnsafePointer(to: &address) {
        unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          unsafe bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
      }
    }

    deinit { close(socket) }

    /// The next datagram; nil when none comes in time.
    func next(milliseconds: Int32 = 20_000) -> String? {
      var request = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
      guard unsafe poll(&request, 1, milliseconds) > 0 else { return nil }
      var bytes = [UInt8](repeating: 0, count: 4096)
      let got = unsafe recv(socket, &bytes, bytes.count, 0)
      return got < 0 ? nil : String(decoding: bytes[..<got], as: UTF8.self)
    }

    /// Whether a datagram with this text comes within 20 seconds.
    func says(_ text: String) -> Bool {
      let deadline = monotonicMilliseconds() + 20_000
      while monotonicMilliseconds() < deadline {
        if next(milliseconds: 1000)?.contains(text) == true { return true }
      }
      return false
    }
  }

  @Test(
    "gives no file the number of a standard stream that its caller closed",
    arguments: ["<&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
  func closedStreams(redirections: String) throws {
    let gateway = try GatewayProcess(
      "--model \"$M\" --allow-unsigned --state \"$D/state\" \(redirections)")
    for descriptor in 0...2 {
      var target = [CChar](repeating: 0, count: 4096)
      let count = unsafe readlink(
        "/proc/\(gateway.number)/fd/\(descriptor)", &target, target.count)
      let path = String(
        decoding: target.prefix(max(count, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
      #expect(!path.isEmpty && !path.hasPrefix(gateway.folder("state")), "\(descriptor): \(path)")
    }
    #expect(try gateway.ask(try goldenLine(1)).contains("\"verdict\""))
    gateway.send(SIGTERM)
    #expect(gateway.finish().code == 0)
    let log = gateway.folder("state/journal-00000001.log")
    let replay = ChildProcess.run("exec \"$NNQD\" replay '\(log)'")
    #expect(replay.code == 0 && replay.output.contains("\"decisions\":1,"), "\(replay.errors)")
  }

  @Test("refuses a pipe in the place of the journal, at a start and at a check")
  func pipeForJournal() throws {
    let folder = TemporaryFolder()
    _ = folder.makeFolder("state")
    unsafe mkfifo(folder("state/journal-00000001.log"), 0o644)
    for check in ["", "--check"] {
      let answer = try GatewayProcess(
        "--model \"$M\" --allow-unsigned --state \"$D/state\" \(check)", in: folder, waits: false
      ).finish()
      #expect(answer.code == 4)
      #expect(
        answer.errors.contains("journal-00000001.log: cannot open: Operation not supported"))
    }
  }

  @Test("ends with a sentence and 4 when the statistics cannot be written")
  func unwrittenStatistics() throws {
    let gateway = try GatewayProcess(
      "--model \"$M\" --allow-unsigned --state \"$D/state\" --statistics")
    _ = try gateway.ask(try goldenLine(1))
    _ = gateway.folder.makeFolder("state/statistics-6a10fbd1ef4d37b0.state")
    gateway.send(SIGTERM)
    let answer = gateway.finish()
    #expect(answer.code == 4)
    #expect(
      answer.errors.contains("statistics-6a10fbd1ef4d37b0.state: cannot open: Is a directory"))
  }

  @Test("leaves a file in the place of the socket alone, at a start and at a check")
  func fileForSocket() throws {
    let folder = TemporaryFolder()
    folder.put("precious\n", in: "nnqd.sock")
    for options in ["--model \"$M\" --allow-unsigned", "--model \"$M\" --allow-unsigned --check"] {
      let answer = try GatewayProcess(options, in: folder, waits: false).finish()
      #expect(answer.code == 4)
      #expect(answer.errors.contains("nnqd.sock: there is something that is no socket"))
      #expect(folder.bytes("nnqd.sock") == Array("precious\n".utf8))
    }
  }

  @Test("leaves a socket alone that another daemon made in the place of its own")
  func socketOfAnother() throws {
    let folder = TemporaryFolder()
    let first = try GatewayProcess("--model \"$M\" --allow-unsigned", in: folder)
    unsafe rename(folder("nnqd.sock"), folder("aside.sock"))
    let second = try GatewayProcess("--model \"$M\" --allow-unsigned", in: folder)
    first.send(SIGTERM)
    #expect(first.finish().code == 0)
    #expect(try second.ask("health").contains("\"status\":\"ok\""))
    second.send(SIGTERM)
    #expect(second.finish().code == 0)
    #expect(unsafe access(folder("nnqd.sock"), F_OK) != 0)
  }

  @Test("refuses a state folder that another daemon uses, which a check does not mind")
  func stateInUse() throws {
    let folder = TemporaryFolder()
    let options = "--model \"$M\" --allow-unsigned --state '\(folder("state"))'"
    let first = try GatewayProcess(options, in: folder)
    // In another folder, so that its socket is another one.
    let answer = try GatewayProcess(options, waits: false).finish()
    #expect(answer.code == 4 && answer.errors.contains("another nnqd uses this state folder"))
    #expect(try GatewayProcess("\(options) --check", in: folder, waits: false).finish().code == 0)
    #expect(try first.ask(try goldenLine(1)).contains("\"verdict\""))
    first.send(SIGKILL)
    _ = first.finish()
    #expect(try GatewayProcess(options, in: folder).ask(try goldenLine(1)).contains("duplicate"))
  }

  @Test("refuses a file of 64 GiB for a model without reading it")
  func hugeFile() throws {
    let folder = TemporaryFolder()
    _ = folder.makeFolder("models")
    let gateway = try GatewayProcess(
      "--model \"$M\" --allow-unsigned --models \"$D/models\"", in: folder)
    folder.put([0], in: "huge.bin")
    try #require(unsafe truncate(folder("huge.bin"), 1 << 36) == 0)
    unsafe rename(folder("huge.bin"), folder("models/huge.bin"))
    #expect(
      gateway.logs("huge.bin: refused: needs 68719476736 bytes of memory where model-memory allows")
    )
    let status = String(
      decoding: try readFile("/proc/\(gateway.number)/status", limit: 1 << 16), as: UTF8.self)
    let peak = try #require(
      status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }?.split(separator: " ")
        .dropLast().last.flatMap { Int($0) })
    // KiB: far below the 128 MiB that a file of a model may have.
    #expect(peak < 100_000)
  }

  @Test("looks at links, at a folder that was made again, and once at a file that is renamed")
  func watchedFolder() throws {
    let folder = TemporaryFolder()
    _ = folder.makeFolder("models")
    let gateway = try GatewayProcess(
      "--model \"$M\" --allow-unsigned --models \"$D/models\"", in: folder)
    let junk = [UInt8](repeating: 0x78, count: 300)
    folder.put(junk, in: "junk")
    folder.put(junk, in: "other")
    unsafe symlink(folder("junk"), folder("models/soft.bin"))
    #expect(gateway.logs("soft.bin: refused"), "\(gateway.log)")
    unsafe link(folder("other"), folder("models/hard.bin"))
    #expect(gateway.logs("hard.bin: refused"), "\(gateway.log)")
    unsafe rename(folder("models/hard.bin"), folder("models/renamed.bin"))

    unsafe rename(folder("models"), folder("aside"))
    #expect(gateway.waits(for: "model_folder_losses_total", 1))
    _ = folder.makeFolder("models")
    #expect(gateway.logs("models: watched again"), "\(gateway.log)")
    folder.put(junk, in: "models/last.bin")
    #expect(gateway.logs("last.bin: refused"), "\(gateway.log)")
    #expect(gateway.waits(for: "model_refusals_total", 3))
    #expect(!gateway.log.contains("renamed.bin"))
  }

  @Test("refuses once what is no file in the watched folder, and takes a link up that leads to one")
  func noFiles() throws {
    let folder = TemporaryFolder()
    _ = folder.makeFolder("models")
    _ = folder.makeFolder("models/folder")
    try #require(unsafe mkfifo(folder("models/pipe.bin"), 0o600) == 0)
    try #require(unsafe symlink(folder("later"), folder("models/link.bin")) == 0)
    let gateway = try GatewayProcess(
      "--model \"$M\" --allow-unsigned --models \"$D/models\"", in: folder)
    let pipe = "pipe.bin: refused: cannot be read: Operation not supported"
    let link = "link.bin: refused: a symbolic link to what is not there"
    #expect(gateway.logs(pipe) && gateway.logs(link), "\(gateway.log)")
    folder.put([UInt8](repeating: 0x78, count: 300), in: "later")
    try #require(unsafe symlink("/dev/zero", folder("models/zero.bin")) == 0)
    #expect(gateway.logs("link.bin: refused: not a model of nnq"), "\(gateway.log)")
    #expect(gateway.logs("zero.bin: refused: cannot be read: "), "\(gateway.log)")
    try #require(unsafe mkfifo(folder("models/late.bin"), 0o600) == 0)
    #expect(gateway.logs("late.bin: refused: cannot be read: "), "\(gateway.log)")
    #expect(gateway.waits(for: "model_refusals_total", 5))
    for text in [pipe, link] {
      #expect(gateway.log.split(separator: "\n").count { $0.contains(text) } == 1)
    }
    #expect(!gateway.log.contains("folder: refused"))
  }

  @Test("reads a list of devices with the ends of lines of another system")
  func devicesOfDOS() throws {
    let folder = TemporaryFolder()
    folder.put("b\r\na\r\n", in: "devices")
    let gateway = try GatewayProcess(
      "--model \"$M\" --allow-unsigned --devices \"$D/devices\"", in: folder)
    #expect(try gateway.ask(try goldenLine(1)).contains("\"verdict\""))
  }

  @Test("tells the service manager that it is ready, alive, reloading and stopping")
  func notifications() throws {
    let folder = TemporaryFolder()
    let manager = Manager(folder)
    let gateway = try GatewayProcess(
      "--model \"$M\" --allow-unsigned",
      before: "NOTIFY_SOCKET='\(manager.path)' WATCHDOG_USEC=200000",
      in: folder, waits: false)
    let first = try #require(manager.next())
    #expect(first.hasPrefix("READY=1\nSTATUS=model.int8.bin 6a10fbd1ef4d37b0, 0 decisions"))
    #expect(manager.says("WATCHDOG=1"))
    #expect(manager.says("WATCHDOG=1"))
    gateway.send(SIGHUP)
    #expect(manager.says("RELOADING=1\nMONOTONIC_USEC="))
    #expect(manager.says("READY=1"))
    gateway.send(SIGTERM)
    #expect(manager.says("STOPPING=1"))
    #expect(gateway.finish().code == 0)
  }

  @Test("gives the watchdog no sign of life while the worker hangs, answers still, and counts it")
  func watchdog() throws {
    let folder = TemporaryFolder()
    let manager = Manager(folder)
    _ = folder.makeFolder("models")
    folder.put("ed25519 \(String(repeating: "ab", count: 32)) maker\n", in: "keys")
    let gateway = try GatewayProcess(
      "--model \"$M\" --allow-unsigned --keyring \"$D/keys\" --models \"$D/models\"",
      before: "NOTIFY_SOCKET='\(manager.path)' WATCHDOG_USEC=400000", in: folder)
    #expect(manager.says("WATCHDOG=1"))
    // A key ring that does not open, as a file of a dead file server would: whoever holds its lease is
    // told by a signal, and asked for as long as the system allows.
    _ = signal(SIGIO, SIG_IGN)
    let keys = unsafe open(folder("keys"), O_RDWR)
    defer { close(keys) }
    // F_SETLEASE, which the module of Glibc lacks.
    try #require(fcntl(keys, 1024, Int32(F_WRLCK)) == 0)
    folder.put([1], in: "models/a.bin.sig")
    folder.put(try motorModelBytes(), in: "models/a.bin")
    try #require(gateway.logs("no sign of life"))
    while manager.next(milliseconds: 0) != nil {}
    // Five periods of a daemon that is well.
    #expect(manager.next(milliseconds: 1000)?.contains("WATCHDOG") != true)
    #expect(try gateway.ask(try goldenLine(1)).contains("\"verdict\":\"healthy\""))
    #expect(try #require(try gateway.metric("watchdog_withheld_total")) >= 1)
  }

  @Test("serves the socket that the service manager hands over, and leaves its path alone")
  func activation() throws {
    let folder = TemporaryFolder()
    // Not closed in children: that is what is tested.
    let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = unixAddress(folder("activated.sock"))
    _ = unsafe withUnsafePointer(to: &address) {
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    listen(listener, 8)
    // A caller who came before the daemon.
    let caller = try #require(Caller(folder("activated.sock")))
    caller.send(Array((try goldenLine(1) + "\n").utf8))
    let child = ChildProcess(
      "export NNQD; exec bash -c 'exec 3<&\(listener); LISTEN_FDS=1 LISTEN_PID=$$ "
        + "exec \"$NNQD\" --allow-unsigned --model \"\(GatewayProcess.motorModel)\"'")
    #expect(caller.line()?.contains("\"verdict\":\"healthy\"") == true, "\(child.errors)")
    close(listener)
    child.send(SIGTERM)
    #expect(child.finish().code == 0)
    #expect(unsafe access(folder("activated.sock"), F_OK) == 0)
  }

  @Test("says that what is handed over does not listen")
  func activationOfNoSocket() {
    let answer = ChildProcess.run(
      "export NNQD; exec bash -c 'exec 3</dev/null; LISTEN_FDS=1 LISTEN_PID=$$ "
        + "exec \"$NNQD\" --allow-unsigned --model \"\(GatewayProcess.motorModel)\"'")
    #expect(answer.code == 4)
    #expect(answer.errors.contains("the socket of LISTEN_FDS: "))
  }

  @Test("ends a SIGTERM with what was sent answered, the statistics written and the socket gone")
  func termination() throws {
    let gateway = try GatewayProcess(
      "--model \"$M\" --allow-unsigned --state \"$D/state\" --statistics")
    let caller = try #require(gateway.connect())
    let lines = try (1...500).map { try goldenLine($0, row: $0 % 7) + "\n" }.joined()
    caller.send(Array(lines.utf8))
    gateway.send(SIGTERM)
    let answers = caller.rest().split(separator: 0x0A)
    #expect(answers.count == 500)
    #expect(gateway.finish().code == 0)
    #expect(gateway.folder.names.contains("nnqd.sock") == false)
    let statistics = TemporaryFolder.names(in: gateway.folder("state"))
      .filter { $0.hasPrefix("statistics-") }
    #expect(statistics.count == 1)
  }

  @Test("reads the settings again at a SIGHUP, and keeps all of them when one is wrong")
  func reload() throws {
    let folder = TemporaryFolder()
    folder.put("a\n", in: "devices")
    let settings = "model = \(GatewayProcess.motorModel)\nallow-unsigned = yes\n"
    folder.put(settings + "devices = \(folder("devices"))\n", in: "conf")
    let gateway = try GatewayProcess("--config \"$D/conf\"", in: folder)
    #expect(try gateway.ask(try goldenLine(1)).contains("verdict"))
    folder.put("b\n", in: "devices")
    gateway.send(SIGHUP)
    #expect(gateway.waits(for: "reloads_total{result=\"done\"}", 1))
    #expect(try gateway.ask(try goldenLine(2)).contains("unknown-device"))
    folder.put(settings + "devices = \(folder("nowhere"))\n", in: "conf")
    gateway.send(SIGHUP)
    #expect(gateway.waits(for: "reloads_total{result=\"refused\"}", 1))
    #expect(gateway.log.contains("reload: nothing is changed: \(folder("nowhere")): cannot open: "))
    #expect(try gateway.ask(try goldenLine(3)).contains("unknown-device"))
    folder.put(settings + "state = \(folder("state"))\n", in: "conf")
    gateway.send(SIGHUP)
    #expect(gateway.waits(for: "reloads_total{result=\"done\"}", 2))
    #expect(gateway.logs("state has changed, which counts from the next start on"))
    #expect(try gateway.ask(try goldenLine(4)).contains("verdict"))
  }

  @Test("writes the metrics to a file")
  func metricsFile() throws {
    let gateway = try GatewayProcess(
      "--model \"$M\" --allow-unsigned --metrics-file \"$D/nnqd.prom\"")
    #expect(eventually { gateway.folder.text("nnqd.prom") != nil })
    let text = try #require(gateway.folder.text("nnqd.prom"))
    #expect(try PrometheusText(parsing: text)["nnqd_decisions_total"] == 0)
  }
}
