// SPDX-License-Identifier: Apache-2.0
public import Glibc
import Synchronization

/// A program of the package as a process of its own, run by a shell.
public final class ChildProcess {
  /// The command line program that was built with the tests; nil where it was not.
  public static let program = built("nnq")
  /// The daemon that was built with the tests; nil where it was not.
  public static let daemon = built("nnqd")

  public static let isThere = program != nil && daemon != nil

  private static func built(_ name: String) -> String? {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = unsafe readlink("/proc/self/exe", &buffer, buffer.count)
    guard count > 0 else { return nil }
    let own = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    // The tests are an executable beside it, or a bundle that the toolchain's helper opens.
    let bundles = [own] + CommandLine.arguments
    return bundles.compactMap { path in
      path.lastIndex(of: "/").map { path[..<$0] + "/\(name)" }
    }.first { unsafe access($0, X_OK) == 0 }
  }

  private let folder = TemporaryFolder()
  private var process: pid_t = 0
  private var input: Int32 = -1
  private var output: Int32 = -1
  private var pending: [UInt8] = []

  /// Starts a script for `sh`; `$NNQ` and `$NNQD` are the programs. Standard input and output are pipes, standard
  /// error is a file.
  public init(_ script: String) {
    // One at a time, so that no child holds the pipes of another.
    Self.starting.withLock { _ in start(script) }
  }

  private static let starting = Mutex(())

  private func start(_ script: String) {
    let toChild = Self.pipeEnds()
    let fromChild = Self.pipeEnds()
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_adddup2(&actions, toChild[0], 0)
    unsafe posix_spawn_file_actions_adddup2(&actions, fromChild[1], 1)
    unsafe posix_spawn_file_actions_addopen(
      &actions, 2, folder("errors"), O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    let whole = "NNQ='\(Self.program ?? "")' NNQD='\(Self.daemon ?? "")'\n\(script)"
    let words = ["/bin/sh", "-c", whole]
    var arguments = unsafe words.map { unsafe strdup($0) } + [nil]
    defer { unsafe arguments.forEach { unsafe free($0) } }
    // The threads that run tests block signals, which a child would inherit.
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    unsafe sigemptyset(&none)
    unsafe posix_spawnattr_setsigmask(&attributes, &none)
    // While another test waits in system(), this process ignores SIGINT.
    var all = sigset_t()
    unsafe sigfillset(&all)
    unsafe posix_spawnattr_setsigdefault(&attributes, &all)
    unsafe posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    let status = unsafe posix_spawn(
      &process, "/bin/sh", &actions, &attributes, &arguments, environ)
    guard status == 0 else { preconditionFailure("cannot start a shell: \(status)") }
    close(toChild[0])
    close(fromChild[1])
    input = toChild[1]
    output = fromChild[0]
  }

  /// The two ends of a pipe, which no other program keeps.
  private static func pipeEnds() -> [Int32] {
    var ends: [Int32] = [0, 0]
    guard unsafe pipe(&ends) == 0 else { preconditionFailure("no pipe: \(errno)") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return ends
  }

  deinit {
    closeInput()
    close(output)
  }

  /// Runs a script to its end.
  public static func run(_ script: String) -> Answer {
    let child = ChildProcess(script)
    child.closeInput()
    return child.finish()
  }

  public func write(_ text: String) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let sent = unsafe bytes.withUnsafeBytes {
        unsafe Glibc.write(input, $0.baseAddress, $0.count)
      }
      precondition(sent > 0, "the child does not read: \(errno)")
      bytes = bytes.dropFirst(sent)
    }
  }

  /// What was written to standard error so far.
  public var errors: String { folder.text("errors") ?? "" }

  /// The number of the process.
  public var number: pid_t { process }

  public func send(_ signal: Int32) { kill(process, signal) }

  public func closeInput() {
    if input >= 0 { close(input) }
    input = -1
  }

  /// The next line of output without its end; nil when there is none within 20 seconds.
  public func line() -> String? {
    while true {
      if let end = pending.firstIndex(of: 0x0A) {
        defer { pending.removeFirst(end + 1) }
        return String(decoding: pending[..<end], as: UTF8.self)
      }
      guard waitForOutput(seconds: 20), readSome() else { return nil }
    }
  }

  /// Waits for the end; gives what was written and not yet read. A child that is silent for a minute
  /// is killed, so that a test fails instead of hanging.
  public func finish() -> Answer {
    while true {
      if !waitForOutput(seconds: 60) { send(SIGKILL) }
      if !readSome() { break }
    }
    var status: Int32 = 0
    while unsafe waitpid(process, &status, 0) < 0, errno == EINTR {}
    // The exit code, or 128 and the signal as a shell has it.
    let signal = status & 0x7F
    return Answer(
      code: signal == 0 ? (status >> 8) & 0xFF : 128 + signal,
      output: String(decoding: pending, as: UTF8.self), errors: folder.text("errors") ?? "")
  }

  private func waitForOutput(seconds: Int32) -> Bool {
    var request = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
    return unsafe poll(&request, 1, seconds * 1000) > 0
  }

  private func readSome() -> Bool {
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    let got = unsafe chunk.withUnsafeMutableBytes {
      unsafe read(output, $0.baseAddress, $0.count)
    }
    guard got > 0 else { return false }
    pending += chunk[..<got]
    return true
  }
}
