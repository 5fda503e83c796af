// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQFiles
import Testing

@Suite struct InterruptionTests {
  @Test("an interrupted process exits with 130 and leaves no temporary file")
  func interrupt() async throws {
    let folder = "/tmp/nnq-interruption-\(getpid())"
    try #require(unsafe mkdir(folder, 0o700) == 0)
    await #expect(processExitsWith: .exitCode(130)) {
      let folder = "/tmp/nnq-interruption-\(getppid())"
      // What the parent does with its signals must not matter.
      _ = signal(SIGINT, SIG_DFL)
      Interruption.install()
      unblock(SIGINT)
      var file = try AtomicFile("\(folder)/model.bin")
      try file.write([1, 2, 3])
      try file.flush()
      // A folder that was empty all along would prove nothing.
      guard unsafe rmdir(folder) != 0, errno == ENOTEMPTY else { exit(1) }
      raise(SIGINT)
      try file.commit()
    }
    // Only an empty folder can be removed.
    #expect(unsafe rmdir(folder) == 0)
  }

  @Test("a signal that the parent ignores stays ignored")
  func ignored() async {
    await #expect(processExitsWith: .exitCode(7)) {
      _ = signal(SIGHUP, SIG_IGN)
      Interruption.install()
      unblock(SIGHUP)
      raise(SIGHUP)
      exit(7)
    }
  }
}

/// The test runner's threads do not receive signals.
private func unblock(_ number: Int32) {
  var signals = sigset_t()
  unsafe sigemptyset(&signals)
  unsafe sigaddset(&signals, number)
  unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
}
