// SPDX-License-Identifier: Apache-2.0
import NNQTestSupport
import Testing

/// What nnqd takes and refuses of its command line, at a start and at a check.
@Suite(.enabled(if: ChildProcess.isThere, "nnqd was not built with the tests"))
struct CommandLineTests {
  @Test(
    "answers questions about itself and says what an unknown option is",
    arguments: [("-h", 0), ("--help", 0), ("--version", 0), ("--bogus", 2)])
  func words(option: String, code: Int32) throws {
    let answer = ChildProcess.run("exec \"$NNQD\" \(option)")
    #expect(answer.code == code)
    #expect(answer.errors.contains("unknown option \"--bogus\"") == (code == 2))
  }

  @Test(
    "refuses an option that is given twice or empty, and takes one over a setting of the file",
    arguments: [
      ("--model a --stdin --model=b", 2, "--model is given twice"),
      ("--model \"$M\" --stdin --allow-unsigned=", 2, "allow-unsigned: \"\" is not yes or no"),
      ("--stdin --stdin", 2, "--stdin is given twice"),
      ("--check --config \"$D/conf\" --check", 2, "--check is given twice"),
      ("--check \"$D/conf\" --config \"$D/conf\"", 2, "--config is given twice"),
      ("--config \"$D/conf\" --config \"$D/conf\"", 2, "--config is given twice"),
      ("replay --list --list a.log", 2, "replay: --list is given twice"),
      ("replay --models a --models b a.log", 2, "replay: --models is given twice"),
      ("--check \"$D/conf\" --model \"$M\"", 0, "ok"),
    ])
  func repeated(options: String, code: Int, words: String) {
    let folder = TemporaryFolder()
    folder.put("model = none\nallow-unsigned = yes\nstdin = yes\n", in: "conf")
    expect(options, in: folder, code, words)
  }

  @Test(
    "checks settings and the files that they name",
    arguments: [
      ("--model \"$M\" --allow-unsigned --stdin", 0, "ok"),
      ("--model \"$M\" --stdin", 3, "keyring is not set, and neither is allow-unsigned"),
      ("--model \"$M\" --allow-unsigned", 2, "nothing is given for socket"),
      ("--model \"$D/none\" --allow-unsigned --stdin", 4, "none: cannot be read: No such file"),
      ("--model \"$D/text\" --allow-unsigned --stdin", 3, "text: not a model of nnq"),
      ("--model \"$M\" --allow-unsigned --stdin --shadow \"$D/text\"", 3, "not a model of nnq"),
      ("--model \"$M\" --allow-unsigned --stdin --devices \"$D/none\"", 4, "none: cannot open: "),
      ("--model \"$M\" --stdin --keyring \"$D/text\"", 3, "text: line 1: not of the form ed25519"),
      ("--model \"$M\" --allow-unsigned --stdin --state \"$D/text\"", 4, "Not a directory"),
      ("--model \"$M\" --allow-unsigned --stdin --models \"$D/none\"", 4, "none: cannot open: "),
      ("\"$D/conf\"", 2, "conf:2: unknown setting \"modle\""),
      ("--max-flips 2", 2, "max-flips: \"2\" is not a number from 0 to 1"),
      ("--mqtt-user a", 2, "nothing is given for model"),
    ])
  func check(options: String, code: Int, words: String) {
    let folder = TemporaryFolder()
    folder.put(String(repeating: "these are words\n", count: 8), in: "text")
    folder.put("stdin = yes\nmodle = x\n", in: "conf")
    expect("--check \(options)", in: folder, code, words)
  }

  @Test(
    "says of files that are given the same at a start and at a check",
    arguments: ["--metrics-file /nope/m.prom", "--keyring \"$D/none\"", "--keyring \"$D/junk\""])
  func checkAndStart(options: String) throws {
    let folder = TemporaryFolder()
    folder.put("junk\n", in: "junk")
    let all = "--model \"$M\" --allow-unsigned \(options)"
    let start = try GatewayProcess(all, in: folder, waits: false).finish()
    let check = try GatewayProcess("\(all) --check", in: folder, waits: false).finish()
    #expect(start.code == check.code && start.code > 2)
    #expect(start.errors == check.errors)
  }

  #if Metrics
    @Test(
      "says of an address for the metrics the same at a start and at a check",
      arguments: [
        // A name that is never known, an address that is never this machine's, and no host.
        ("no.such.host.invalid:9000", 4), ("192.0.2.1:9000", 4), ("[]:9000", 2), ("[::1:9000", 2),
      ])
    func metricsAddress(address: String, code: Int32) throws {
      let all = "--model \"$M\" --allow-unsigned --metrics '\(address)'"
      let start = try GatewayProcess(all, waits: false).finish()
      let check = try GatewayProcess("\(all) --check", waits: false).finish()
      #expect(start.code == code && check.code == code)
      // A start has said before which model is live.
      #expect(start.errors.hasSuffix(check.errors) && check.errors.contains(address))
    }
  #endif

  @Test(
    "finds at a check what a start would stumble over",
    arguments: [
      "--state \"$D/none/state\"", "--state \"$D/state\"", "--metrics no.such.host.invalid:1",
    ])
  func checks(options: String) throws {
    let folder = TemporaryFolder()
    _ = folder.makeFolder("state")
    _ = folder.makeFolder("state/journal-00000001.log")
    let answer = try GatewayProcess(
      "--model \"$M\" --allow-unsigned \(options) --check", in: folder, waits: false
    ).finish()
    #expect(answer.code >= 2 && !answer.errors.isEmpty)
  }

  /// Expects how nnqd ends and what it says; `$D` is the folder and `$M` the model.
  private func expect(
    _ options: String, in folder: TemporaryFolder, _ code: Int, _ words: String,
    at location: SourceLocation = #_sourceLocation
  ) {
    let answer = ChildProcess.run(
      "D='\(folder.path)' M='\(GatewayProcess.motorModel)'\nexec \"$NNQD\" \(options)")
    #expect(Int(answer.code) == code, "\(answer.errors)", sourceLocation: location)
    #expect(
      (answer.output + answer.errors).contains(words), "\(answer.errors)", sourceLocation: location)
  }
}
