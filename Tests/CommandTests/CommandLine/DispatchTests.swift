// SPDX-License-Identifier: Apache-2.0
import Glibc
import Testing

@testable import NNQCommands

@Suite struct DispatchTests {
  @Test("prints the version")
  func version() {
    let captured = CapturedConsole()
    #expect(captured.run("--version") == .success)
    #expect(captured.output.text == "nnq \(Version.current)\n")
    #expect(captured.errors.text.isEmpty)
  }

  @Test(
    "prints help on standard output",
    arguments: [
      ["help"], ["--help"], ["-h"], ["help", "train"], ["train", "--help"], ["train", "-h"],
    ])
  func help(words: [String]) {
    let captured = CapturedConsole()
    var console = captured.console()
    #expect(dispatch(words, on: &console) == .success)
    let expected =
      words.contains("train")
      ? Help(width: 80).text(of: .train) : Help(width: 80).overview(of: CommandTable.all)
    #expect(captured.output.text == expected)
    #expect(captured.errors.text.isEmpty)
  }

  @Test("every verb explains itself", arguments: CommandTable.all.map(\.name))
  func everyHelp(verb: String) {
    let captured = CapturedConsole()
    #expect(captured.run(verb, "--help") == .success)
    #expect(captured.output.text.hasPrefix("nnq \(verb) - "))
  }

  @Test(
    "a wrong command line exits with 2, says why on standard error and prints nothing",
    arguments: [
      ([], "nnq: error: a verb is missing\nhint: nnq help lists the verbs\n"),
      (["trian"], "nnq: error: unknown verb \"trian\"\nhint: did you mean \"train\"?\n"),
      (["help", "evil"], "nnq: error: unknown verb \"evil\"\nhint: did you mean \"eval\"?\n"),
      (["--nonsense"], "nnq: error: help: unknown option \"--nonsense\"\n"),
      (["man", "x"], "nnq: error: man: unexpected argument \"x\"\nhint: nnq man [options]\n"),
      (
        ["completions", "sh"],
        "nnq: error: completions: SHELL: \"sh\" is not one of bash, zsh, fish\n"
      ),
      (["--color", "blue", "man"], "nnq: error: man: --color: \"blue\" is not one of auto,"),
      (["--color"], "nnq: error: help: --color needs a value"),
    ])
  func usage(words: [String], message: String) {
    let captured = CapturedConsole()
    var console = captured.console()
    #expect(dispatch(words, on: &console) == .usage)
    #expect(captured.errors.text.hasPrefix(message), "\(captured.errors.text)")
    #expect(captured.output.text.isEmpty)
  }

  @Test("takes common options before and after the verb")
  func commonOptions() {
    for words in [
      ["--color", "always", "help", "man"], ["--color=always", "--quiet", "help", "man"],
      ["help", "man", "--color=always"],
    ] {
      let captured = CapturedConsole()
      var console = captured.console()
      #expect(dispatch(words, on: &console) == .success)
      #expect(captured.output.text.contains("\u{1B}[1m"))
    }
    #expect(CapturedConsole().run("--quiet", "man", "--quiet") == .usage)
  }

  @Test("prints the manual page")
  func manualPage() {
    let captured = CapturedConsole()
    #expect(captured.run("man") == .success)
    #expect(captured.output.text.hasPrefix(".TH NNQ 1"))
  }

  @Test("a reader that went away ends the command quietly")
  func closedPipe() throws {
    _ = signal(SIGPIPE, SIG_IGN)
    var ends: [Int32] = [0, 0]
    let status = unsafe pipe(&ends)
    try #require(status == 0)
    close(ends[0])
    defer { close(ends[1]) }
    let errors = StandardStream.Capture()
    var console = Console(
      output: StandardStream(descriptor: ends[1]),
      errors: StandardStream(errors, isTerminal: false), width: 80)
    #expect(dispatch(["help"], on: &console) == .success)
    #expect(errors.text.isEmpty)
  }

  private static let hasFullDevice = unsafe access("/dev/full", W_OK) == 0

  @Test(
    "a full disk is an error of output", .enabled(if: hasFullDevice, "/dev/full is missing"))
  func fullDisk() throws {
    let descriptor = unsafe open("/dev/full", O_WRONLY)
    defer { close(descriptor) }
    let errors = StandardStream.Capture()
    var console = Console(
      output: StandardStream(descriptor: descriptor),
      errors: StandardStream(errors, isTerminal: false), width: 80)
    #expect(dispatch(["help"], on: &console) == .inputOutput)
    #expect(
      errors.text == "nnq: error: standard output: cannot write: No space left on device\n")
  }
}
