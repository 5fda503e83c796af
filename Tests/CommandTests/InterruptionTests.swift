// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQFiles
import Testing

@Suite struct InterruptionTests {
  @Test("an interrupted process exits with 130 and leaves no temporary file")
  func interrupt() async throws {
    await #expect(processExitsWith: .exitCode(130)) {
      // What the parent does with its signals must not matter.
      _ = signal(SIGINT, SIG_DFL)
      Interruption.install()
      unblock(SIGINT)
      var file = try AtomicFile("/tmp/nnq-interruption-test")
      try file.write([1, 2, 3])
      try file.flush()
      // A file that was never there would prove nothing.
      guard unsafe access("/tmp/nnq-interruption-test.\(getpid()).tmp", F_OK) == 0 else { exit(1) }
      raise(SIGINT)
      try file.commit()
    }
    var listing = unsafe glob_t()
    defer { unsafe globfree(&listing) }
    let status = unsafe glob("/tmp/nnq-interruption-test*", 0, nil, &listing)
    #expect(status == GLOB_NOMATCH)
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
