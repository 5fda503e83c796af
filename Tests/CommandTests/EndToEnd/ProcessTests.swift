// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQFormat
import NNQTestSupport
import Testing

@testable import NNQCommands

/// The program as a shell sees it: pipes, standard input, threads, the working folder.
@Suite(.enabled(if: ChildProcess.isThere, "the program was not built beside the tests"))
struct ProcessTests {
  @Test("exit codes reach the shell")
  func exitCodes() {
    let files = TrainedModel.of(.binary).files()
    for (line, code) in [
      ("--version", 0), ("frobnicate", 2), ("inspect '\(files.test)'", 3), ("inspect /absent", 4),
      ("eval '\(files.int8)' '\(files.test)' --min accuracy=2", 1), ("verify '\(files.int8)'", 0),
    ] {
      #expect(ChildProcess.run("\"$NNQ\" \(line)").code == Int32(code), "\(line)")
    }
  }

  @Test("a reader that goes away ends predict quietly with 0")
  func closedPipe() {
    let files = TrainedModel.of(.binary).files()
    let folder = files.folder
    let many = SampleTable(
      header: TrainedModel.of(.binary).test.header,
      rows: (0..<400).flatMap { _ in TrainedModel.of(.binary).test.rows })
    folder.put(many.csv, in: "many.csv")
    for model in [files.float, files.int8] {
      let answer = ChildProcess.run(
        "{ \"$NNQ\" predict '\(model)' '\(folder("many.csv"))'; echo \"code $?\" >&2; } | head -1")
      #expect(answer.output == "label,probability\n")
      #expect(answer.errors == "code 0\n")
    }
    let inspected = ChildProcess.run(
      "{ \"$NNQ\" inspect '\(files.int8)'; echo \"code $?\" >&2; } | true")
    #expect(inspected.errors == "code 0\n")
  }

  @Test("a row that arrives is answered before the input ends")
  func streaming() {
    let trained = TrainedModel.of(.multiclass)
    let files = trained.files()
    let expected = nnq("predict", files.int8, files.test).output.split(separator: "\n")
    let child = ChildProcess("exec \"$NNQ\" predict '\(files.int8)' -")
    let lines = trained.test.csv.split(separator: "\n")
    child.write("\(lines[0])\n\(lines[1])\n")
    #expect(child.line() == String(expected[0]))
    #expect(child.line() == String(expected[1]))
    for row in 2...6 {
      child.write("\(lines[row])\n")
      #expect(child.line() == String(expected[row]))
    }
    // Half a row is no row yet; the end of the input makes it one.
    child.write("\(lines[7])")
    child.closeInput()
    let rest = child.finish()
    #expect(rest.output == "\(expected[7])\n")
    #expect(rest.code == 0)
  }

  @Test("standard input is a table for each verb that reads one")
  func standardInput() throws {
    let trained = TrainedModel.of(.multiclass)
    let files = trained.files()
    let test = "< '\(files.test)'"
    let predicted = ChildProcess.run("\"$NNQ\" predict '\(files.int8)' \(test)")
    #expect(predicted.output == nnq("predict", files.int8, files.test).output)
    let evaluated = ChildProcess.run("\"$NNQ\" eval '\(files.int8)' - --json \(test)")
    #expect(
      try evaluated.json()["metrics"]
        == nnq("eval", files.int8, files.test, "--json").json()["metrics"])
    let compared = ChildProcess.run(
      "\"$NNQ\" diff '\(files.float)' '\(files.int8)' - --json \(test)")
    #expect(compared.output == nnq("diff", files.float, files.int8, files.test, "--json").output)
    let calibrated = ChildProcess.run(
      "\"$NNQ\" quantize '\(files.float)' -o '\(files.folder("a.bin"))' --calibrate - \(test)")
    expectSuccess(calibrated)
    expectSuccess(
      nnq("quantize", files.float, "-o", files.folder("b.bin"), "--calibrate", files.test))
    #expect(files.folder.bytes("a.bin") == files.folder.bytes("b.bin"))
    let trainedHere = ChildProcess.run(
      "\"$NNQ\" train - -o '\(files.folder("c.bin"))' --epochs 2 \(test)")
    expectSuccess(trainedHere)
    expectSuccess(nnq("train", files.test, "-o", files.folder("d.bin"), "--epochs", "2"))
    #expect(files.folder.bytes("c.bin") == files.folder.bytes("d.bin"))
    let inspected = ChildProcess.run("\"$NNQ\" inspect - --json < '\(files.int8)'")
    #expect(inspected.output == nnq("inspect", files.int8, "--json").output)

    let bad = files.folder.put(trained.test.with("x", row: 2, column: "temp").csv, in: "bad.csv")
    expect(
      ChildProcess.run("\"$NNQ\" eval '\(files.int8)' - < '\(bad)'"), .badInput,
      "standard input:4: column \"temp\": \"x\" is not a number")
    expect(
      ChildProcess.run("\"$NNQ\" eval '\(files.int8)' - --target temp \(test)"), .badInput,
      "standard input: row 1: column \"temp\": \"\(trained.test.rows[0][0])\" is no label of the model"
    )
    expect(
      ChildProcess.run("\"$NNQ\" inspect - < '\(bad)'"), .badInput,
      "standard input: not a model of nnq")
    expect(
      ChildProcess.run("\"$NNQ\" predict '\(files.int8)' < /dev/null"), .badInput,
      "standard input: empty")
    expect(
      ChildProcess.run("\"$NNQ\" predict '\(files.int8)' <&-"), .inputOutput,
      "standard input: cannot read: Bad file descriptor")
  }

  @Test(
    "a limit of memory ends a training with an answer or a sentence, and never holds it up",
    arguments: [100_000, 140_000, 180_000, 240_000, 300_000, 400_000, 600_000])
  func shortMemory(kibibytes: Int) {
    let files = TrainedModel.of(.binary).files()
    for threads in [1, 4] {
      // The limit on the time it computes only ends what would else compute for ever.
      let answer = ChildProcess.run(
        "ulimit -v \(kibibytes) -t 60; \"$NNQ\" train '\(files.test)' -o '\(files.folder("z.bin"))'"
          + " --epochs 2 --threads \(threads)")
      #expect([0, 3, 70, 127].contains(answer.code), "\(answer.code): \(answer.errors)")
      #expect(answer.code == 0 || !answer.errors.isEmpty)
    }
  }

  @Test("a full or closed standard output is a failure")
  func standardOutput() {
    let files = TrainedModel.of(.binary).files()
    for line in [
      "predict '\(files.int8)' '\(files.test)'", "inspect '\(files.int8)'", "help",
      "eval '\(files.float)' '\(files.test)'", "simulate motor -o - --rows 9",
      // An answer of no that nobody hears is no answer.
      "diff '\(files.float)' '\(files.int8)' '\(files.test)' --max-flips 0% --json",
      "eval '\(files.float)' '\(files.test)' --min accuracy=1",
    ] {
      expect(
        ChildProcess.run("\"$NNQ\" \(line) > /dev/full"), .inputOutput,
        "standard output: cannot write: No space left on device")
      expect(
        ChildProcess.run("\"$NNQ\" \(line) >&-"), .inputOutput,
        "standard output: cannot write: Bad file descriptor")
    }
  }

  @Test("the number of threads does not change a byte of a model")
  func threads() {
    let folder = TemporaryFolder()
    folder.put(SampleTable(.multiclass, rows: 300, seed: 71).csv, in: "t.csv")
    for (name, threads) in [("one", "1"), ("two", "2"), ("four", "4")] {
      let answer = ChildProcess.run(
        """
        cd '\(folder.path)' && export OPENBLAS_NUM_THREADS=\(threads)
        "$NNQ" train t.csv -o \(name).bin --hidden 96,64 --epochs 4 --quiet \
        && "$NNQ" quantize \(name).bin
        """)
      expectSuccess(answer)
    }
    #expect(folder.bytes("one.bin") != nil)
    for name in ["two", "four"] {
      #expect(folder.bytes("one.bin") == folder.bytes("\(name).bin"))
      #expect(folder.bytes("one.int8.bin") == folder.bytes("\(name).int8.bin"))
    }
  }

  @Test("train writes model.bin into the working folder, keeps an equal one and no other")
  func defaultName() {
    let folder = TemporaryFolder()
    folder.put(SampleTable(.binary, rows: 60, seed: 72).csv, in: "t.csv")
    func train(_ more: String) -> Answer {
      ChildProcess.run("cd '\(folder.path)' && \"$NNQ\" train t.csv --epochs 2 --quiet \(more)")
    }
    expectSuccess(train(""))
    #expect(folder.names == ["model.bin", "t.csv"])
    let first = folder.bytes("model.bin")
    expectSuccess(train(""))
    #expect(folder.bytes("model.bin") == first)
    expect(
      train("--seed 9"), .inputOutput, "model.bin: exists and holds something else",
      hint: "choose another name with -o, or replace it with --force")
    #expect(folder.bytes("model.bin") == first)
    expectSuccess(train("--seed 9 --force"))
    #expect(folder.bytes("model.bin") != first)
  }

  @Test("a model goes to standard output alone")
  func modelToStandardOutput() {
    let folder = TemporaryFolder()
    folder.put(SampleTable(.binary, rows: 60, seed: 73).csv, in: "t.csv")
    let answer = ChildProcess.run(
      """
      cd '\(folder.path)'
      "$NNQ" train t.csv --epochs 2 -o a.bin > /dev/null 2>&1 || exit
      "$NNQ" train t.csv --epochs 2 -o - > b.bin || exit
      "$NNQ" quantize a.bin -o a.int8.bin > /dev/null || exit
      "$NNQ" quantize - -o - < b.bin > b.int8.bin
      """)
    expectSuccess(answer)
    #expect(folder.bytes("a.bin") == folder.bytes("b.bin"))
    #expect(folder.bytes("a.int8.bin") == folder.bytes("b.int8.bin"))
  }

  @Test("a file that passes the limit on its size is a failure and leaves nothing")
  func fileSizeLimit() {
    let files = TrainedModel.of(.binary).files()
    let before = files.folder.names
    let answer = ChildProcess.run(
      """
      ulimit -f 1
      "$NNQ" simulate motor -o '\(files.folder("motor.csv"))' --rows 500
      """)
    expect(answer, .inputOutput, "\(files.folder("motor.csv")): cannot write: File too large")
    #expect(files.folder.names == before)
  }

  @Test("an interrupted command leaves no file", arguments: [SIGINT, SIGTERM])
  func interrupted(signal: Int32) throws {
    let trained = TrainedModel.of(.binary)
    let files = trained.files()
    let before = files.folder.names
    let child = ChildProcess(
      "exec \"$NNQ\" predict '\(files.int8)' - -o '\(files.folder("out.csv"))'")
    child.write(trained.test.csv)
    // It waits for more rows with its unfinished file open.
    var polls = 0
    while files.folder.names == before, polls < 2_000 {
      usleep(10_000)
      polls += 1
    }
    try #require(files.folder.names.contains { $0.hasSuffix(".tmp") })
    child.send(signal)
    #expect(child.finish().code == 128 + signal)
    #expect(files.folder.names == before)
  }
}
