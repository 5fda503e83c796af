// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQFiles
import Testing

@testable import NNQCommands

@Suite struct FailureTests {
  private struct Unforeseen: Error {}

  @Test("exit codes never change")
  func codes() {
    #expect(ExitCode.meanings.map(\.code.rawValue) == [0, 1, 2, 3, 4, 70, 130])
  }

  @Test(
    "a file error names the file, what was tried and the system's reason",
    arguments: [
      ("a.csv", FileError.Operation.open, ENOENT, "a.csv: cannot open: No such file or directory"),
      ("a.csv", .read, EISDIR, "a.csv: cannot read: Is a directory"),
      ("-", .read, EIO, "standard input: cannot read: Input/output error"),
      ("-", .write, EBADF, "standard output: cannot write: Bad file descriptor"),
      ("m.bin", .rename, EACCES, "m.bin: cannot replace: Permission denied"),
      ("m.bin", .sync, EIO, "m.bin: cannot sync: Input/output error"),
    ])
  func fileErrors(path: String, operation: FileError.Operation, code: Int32, sentence: String) {
    let failure = Failure(FileError(path: path, operation: operation, code: code))
    #expect(failure.code == .inputOutput)
    #expect(failure.sentence == sentence)
    #expect(!failure.isClosedPipe)
    #expect((failure.hint != nil) == (operation == .sync))
  }

  @Test("only standard output whose reader went away ends quietly")
  func closedPipe() {
    func isClosed(_ path: String, _ operation: FileError.Operation, _ code: Int32) -> Bool {
      Failure(FileError(path: path, operation: operation, code: code)).isClosedPipe
    }
    #expect(isClosed("-", .write, EPIPE))
    #expect(!isClosed("out.csv", .write, EPIPE))
    #expect(!isClosed("-", .write, ENOSPC))
  }

  @Test(
    "damaged compressed input is bad input",
    arguments: [
      (ZstdError.notAFrame, "d.csv.zst: not a zstd frame that states its size"),
      (
        .wrongSize(found: 9, expected: 8),
        "d.csv.zst: the zstd frame holds 9 bytes where 8 are expected"
      ),
      (
        .windowTooLarge,
        "d.csv.zst: the zstd frame needs a larger window than 8 MiB, in a table than 128 MiB"
      ),
      (.damaged(reason: "cut short"), "d.csv.zst: damaged zstd frame: cut short"),
    ])
  func zstd(error: ZstdError, sentence: String) {
    let failure = Failure(error, in: "d.csv.zst")
    #expect(failure.code == .badInput)
    #expect(failure.sentence == sentence)
  }

  @Test("an error that nothing foresees is a defect of nnq, a failure stays itself")
  func others() {
    #expect(Failure(Unforeseen() as any Error).code == .internalError)
    let own = Failure(.no, "no", hint: "yes")
    #expect(Failure(own as any Error) == own)
  }

  @Test("is printed as an error and a hint, control characters spelt out")
  func printing() {
    let captured = CapturedConsole()
    let console = captured.console()
    console.report(Failure(.badInput, "a\u{1B}[2Jb.csv:1: \n", hint: "rename\u{9B}it"))
    #expect(
      captured.errors.text
        == "nnq: error: a\\u{1b}[2Jb.csv:1: \\u{a}\nhint: rename\\u{9b}it\n")
  }
}
