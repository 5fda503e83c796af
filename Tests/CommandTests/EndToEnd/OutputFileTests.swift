// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQFormat
import NNQTestSupport
import Testing

@testable import NNQCommands

@Suite struct OutputFileTests {
  private let table = SampleTable(.binary, rows: 40, seed: 41).csv

  @Test("a default name is kept when the bytes are the same and refused when they differ")
  func defaultName() {
    let files = TrainedModel.of(.binary).files()
    let standing = TrainedModel.of(.binary).int8
    expectSuccess(nnq("quantize", files.float))
    #expect(files.folder.bytes("model.int8.bin") == standing)

    for other in [[1, 2, 3], standing + [0], [UInt8](repeating: 7, count: 100_000), []] {
      files.folder.put(other, in: "model.int8.bin")
      expect(
        nnq("quantize", files.float), .inputOutput,
        "\(files.int8): exists and holds something else",
        hint: "choose another name with -o, or replace it with --force")
      #expect(files.folder.bytes("model.int8.bin") == other)
    }
    expectSuccess(nnq("quantize", files.float, "--force"))
    #expect(files.folder.bytes("model.int8.bin") == standing)
  }

  @Test("a name that the user gave is replaced")
  func named() {
    let files = TrainedModel.of(.binary).files()
    files.folder.put([1, 2, 3], in: "out.bin")
    expectSuccess(nnq("quantize", files.float, "-o", files.folder("out.bin")))
    #expect(files.folder.bytes("out.bin") == TrainedModel.of(.binary).int8)
    files.folder.put("old", in: "out.csv")
    expectSuccess(nnq("predict", files.int8, files.test, "-o", files.folder("out.csv")))
    #expect(files.folder.text("out.csv")?.hasPrefix("label,probability\n") ?? false)
  }

  @Test("a model without the ending .bin gets its int8 name behind it")
  func otherEnding() {
    let files = TrainedModel.of(.binary).files()
    let plain = files.folder.put(TrainedModel.of(.binary).float, in: "pump")
    expectSuccess(nnq("quantize", plain))
    #expect(files.folder.bytes("pump.int8.bin") == TrainedModel.of(.binary).int8)
  }

  @Test("a folder that cannot be written is found before any work is done")
  func badFolder() {
    let files = TrainedModel.of(.binary).files()
    let csv = files.folder.put(table, in: "train.csv")
    let before = files.folder.names
    for (path, reason) in [
      ("\(files.test)/below-a-file", "Not a directory"),
      (files.folder("absent/model.bin"), "No such file or directory"),
      (files.folder.path, "Is a directory"),
    ] {
      let sentence = "\(path): cannot open: \(reason)"
      let trained = nnq("train", csv, "-o", path, "--epochs", "1")
      expect(trained, .inputOutput, sentence)
      #expect(!trained.errors.contains("epoch"), "it trained first: \(trained.errors)")
      expect(nnq("quantize", files.float, "-o", path), .inputOutput, sentence)
      expect(nnq("predict", files.int8, files.test, "-o", path), .inputOutput, sentence)
      expect(nnq("simulate", "motor", "-o", path, "--rows", "5"), .inputOutput, sentence)
    }
    #expect(files.folder.names == before, "nothing is left behind")
  }

  @Test(
    "a file in a folder that cannot be written is found before any work is done",
    .enabled(if: geteuid() != 0, "the superuser may write anywhere"))
  func lockedFolder() {
    let files = TrainedModel.of(.binary).files()
    let csv = files.folder.put(table, in: "train.csv")
    let locked = files.folder.makeFolder("locked")
    let model = files.folder.put("old", in: "locked/model.bin")
    unsafe chmod(locked, 0o555)
    let trained = nnq("train", csv, "-o", model, "--epochs", "1")
    unsafe chmod(locked, 0o755)
    expect(trained, .inputOutput, "\(model): cannot open: Permission denied")
    #expect(!trained.errors.contains("epoch"), "it trained first: \(trained.errors)")
  }

  @Test("an empty name is a mistake")
  func emptyName() {
    let files = TrainedModel.of(.binary).files()
    let sentence = "-o needs a value: -o FILE"
    expect(nnq("quantize", files.float, "-o", ""), .usage, "quantize: \(sentence)")
    expect(nnq("train", files.test, "-o", ""), .usage, "train: \(sentence)")
    expect(nnq("simulate", "motor", "-o", ""), .usage, "simulate: \(sentence)")
  }

  @Test("a device that is full fails each verb that writes", arguments: ["/dev/full"])
  func fullDevice(device: String) {
    let files = TrainedModel.of(.binary).files()
    let csv = files.folder.put(table, in: "train.csv")
    let sentence = "\(device): cannot write: No space left on device"
    expect(nnq("train", csv, "-o", device, "--epochs", "1"), .inputOutput, sentence)
    expect(nnq("quantize", files.float, "-o", device), .inputOutput, sentence)
    expect(nnq("predict", files.int8, files.test, "-o", device), .inputOutput, sentence)
    expect(nnq("simulate", "motor", "-o", device), .inputOutput, sentence)
  }

  /// Whether a small file system can be mounted for a test.
  private static let canMount: Bool = {
    let folder = TemporaryFolder()
    guard unsafe mount("tmpfs", folder.path, "tmpfs", 0, "size=8k") == 0 else { return false }
    return unsafe umount2(folder.path, Int32(MNT_DETACH)) == 0
  }()

  @Test(
    "a file system that is full keeps the old file and no temporary one",
    .enabled(if: canMount, "no small file system can be mounted here"))
  func fullFileSystem() throws {
    let files = TrainedModel.of(.binary).files()
    let mounted = files.folder.makeFolder("small")
    try #require(unsafe mount("tmpfs", mounted, "tmpfs", 0, "size=8k") == 0)
    defer { unsafe umount2(mounted, Int32(MNT_DETACH)) }
    let path = "\(mounted)/out.csv"
    files.folder.put("old", in: "small/out.csv")
    expect(
      nnq("simulate", "motor", "-o", path, "--rows", "2000"), .inputOutput,
      "\(path): cannot write: No space left on device")
    #expect(files.folder.text("small/out.csv") == "old")
    let big = "\(mounted)/model.bin"
    let csv = files.folder.put(SampleTable(.binary, rows: 600, seed: 1).csv, in: "train.csv")
    expect(
      nnq("train", csv, "-o", big, "--epochs", "1"), .inputOutput,
      "\(big): cannot write: No space left on device")
    #expect(files.folder.bytes("small/model.bin") == nil)
    #expect(TemporaryFolder.names(in: mounted) == ["out.csv"])
  }

  @Test("two files of one command that are the same one are refused ahead of any work")
  func sameFile() {
    let files = TrainedModel.of(.binary).files()
    let folder = files.folder
    let csv = folder.put(table, in: "train.csv")
    let out = folder("out.bin")
    unsafe symlink(csv, folder("link.csv"))
    unsafe link(csv, folder("hard.csv"))
    let before = folder.names
    func refused(_ words: [String], _ sentence: String) {
      expect(nnq(words), .usage, "\(words[0]): \(sentence)")
    }
    func writesTwice(_ words: [String], _ options: String, _ path: String) {
      refused(words, "\(options) write the same file, \"\(path)\"")
    }
    writesTwice(["train", csv, "-o", out, "--report", out], "-o and --report", out)
    writesTwice(
      ["train", csv, "-o", out, "--report", "\(folder.path)/./out.bin"], "-o and --report",
      "\(folder.path)/./out.bin")
    writesTwice(
      ["train", csv, "-o", out, "--log", folder("a"), "--checkpoint", folder("a")],
      "--checkpoint and --log", folder("a"))
    writesTwice(["quantize", files.float, "-o", out, "--report", out], "-o and --report", out)
    writesTwice(
      ["quantize", files.float, "--report", files.int8], "-o and --report", files.int8)
    for option in ["--log", "--checkpoint", "--report"] {
      for path in [csv, folder("link.csv"), folder("hard.csv")] {
        refused(
          ["train", csv, "-o", out, option, path],
          "\(option) would replace \"\(path)\", which DATA.csv reads")
      }
    }
    for (path, name) in [(files.float, "MODEL"), (files.test, "DATA.csv")] {
      for option in ["--state", "--report"] {
        refused(
          ["eval", files.float, files.test, option, path],
          "\(option) would replace \"\(path)\", which \(name) reads")
      }
    }
    refused(
      ["quantize", files.float, "-o", out, "--calibrate", csv, "--report", csv],
      "--report would replace \"\(csv)\", which --calibrate reads")
    #expect(folder.names == before)
    #expect(folder.text("train.csv") == table)
    // Devices take anything, and -o may replace what was read.
    expectSuccess(
      nnq(
        "train", csv, "-o", csv, "--log", "/dev/null", "--report", "/dev/null", "--epochs", "1"))
  }

  @Test("two results never go to standard output together")
  func mixedOutput() {
    let files = TrainedModel.of(.binary).files()
    let evaluated = ["eval", files.float, files.test]
    let trained = ["train", files.test, "-o"]
    for (words, sentence) in [
      (evaluated + ["--json", "--report", "-"], "--report - would mix with --json"),
      (evaluated + ["--state", "-"], "--state - would mix with the results"),
      (evaluated + ["--json", "--cost", "fp=1,fn=2", "-o", "-"], "-o - would mix with --json"),
      (evaluated + ["--cost", "fp=1,fn=2", "-o", "-"], "-o - would mix with the results"),
      (trained + ["-", "--json"], "-o - would mix with --json"),
      (trained + ["x", "--json", "--log", "-"], "--log - would mix with --json"),
      (trained + ["x", "--checkpoint", "-"], "--checkpoint - would mix with the results"),
      (trained + ["-", "--log", "-"], "--log - would mix with -o"),
      (["quantize", files.float, "-o", "-", "--json"], "-o - would mix with --json"),
    ] {
      expect(
        nnq(words), .usage, "\(words[0]): \(sentence) on standard output", hint: "name a file")
    }
    let predicted = nnq("predict", files.float, files.test, "-o", "-", "--json")
    expectSuccess(predicted)
    #expect(predicted.output == nnq("predict", files.float, files.test, "--json").output)
  }

  @Test("neither file of C is written where one of them cannot be", arguments: ["cc.c", "cc.h"])
  func folderAsC(name: String) {
    let files = TrainedModel.of(.binary).files()
    _ = files.folder.makeFolder(name)
    let before = files.folder.names
    expect(
      nnq("export", files.int8, "--to", "c", "-o", files.folder("cc.c")), .inputOutput,
      "\(files.folder(name)): cannot open: Is a directory")
    #expect(files.folder.names == before)
  }

  @Test("a command that fails half-way leaves the old file")
  func failedPredict() {
    let trained = TrainedModel.of(.binary)
    let files = trained.files()
    let bad = files.folder.put(
      trained.test.with("n/a", row: 40, column: "temp").csv, in: "bad.csv")
    files.folder.put("old", in: "out.csv")
    let before = files.folder.names
    #expect(nnq("predict", files.int8, bad, "-o", files.folder("out.csv")).code == 3)
    #expect(files.folder.text("out.csv") == "old")
    #expect(files.folder.names == before)
  }
}
