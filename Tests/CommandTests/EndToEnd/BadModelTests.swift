// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQFormat
import NNQTestSupport
import Testing

@testable import NNQCommands

@Suite(.enabled(if: !GoldenFolder.isBeingWritten, "the golden files are being written"))
struct BadModelTests {
  @Test(
    "inspect refuses each bad golden file with a sentence that names it",
    arguments: GoldenFolder.badNames)
  func golden(name: String) {
    let path = "\(GoldenFolder.badPath)/\(name)"
    let answer = nnq("inspect", path)
    #expect(answer.code == ExitCode.badInput.rawValue)
    #expect(answer.output.isEmpty)
    let lines = answer.errors.split(separator: "\n")
    #expect(lines.first?.hasPrefix("nnq: error: \(path): ") ?? false, "\(answer.errors)")
    #expect(lines.dropFirst().allSatisfy { $0.hasPrefix("hint: ") }, "\(answer.errors)")
    // What is quoted from a file is cut and cannot move a terminal's cursor.
    #expect(answer.errors.utf8.count < 700)
    #expect(answer.errors.utf8.allSatisfy { $0 >= 0x20 || $0 == 0x0A })
  }

  @Test(
    "some sentences, word by word",
    arguments: [
      ("bad-magic", "not a model of nnq"),
      ("short-header", "truncated at byte 15 (needs 1 more)"),
      ("unknown-form", "byte 4: 81 is no known form of a model"),
      ("version-2", "format version 2, this nnq reads version 1"),
      ("unknown-flag", "bytes 6 and 7: flags 0x8000 are not known"),
      ("layer-dimension-mismatch", "section network, item 1: layer inputs \"2\""),
      ("section-twice", "section 0x2 is out of order"),
      ("unknown-must-understand-section", "section 0x9 is not known and must be"),
      ("section-padding-byte", "section 0x1: a reserved byte is not zero"),
      ("image-and-float-network", "section floatNetwork does not belong into this kind of model"),
      ("task-missing", "section task is missing"),
      ("zstd-truncated", "truncated zstd frame"),
      ("zstd-trailing", "damaged zstd frame: bytes after the frame"),
      ("zstd-bomb-declared", "134217729 bytes where at most 134217728 are allowed"),
      (
        "zstd-large-window",
        "the zstd frame needs a larger window than 8 MiB, in a table than 128 MiB"
      ),
      ("name-twice", "section features, item 1: name \"sensor0\""),
    ])
  func sentences(name: String, sentence: String) {
    let path = "\(GoldenFolder.badPath)/\(name).bin"
    expect(nnq("inspect", path), .badInput, "\(path): \(sentence)")
  }

  @Test("every verb that takes a model refuses a damaged one")
  func everyVerb() {
    let files = TrainedModel.of(.binary).files()
    var bytes = TrainedModel.of(.binary).int8
    bytes[bytes.count / 2] ^= 4
    let bad = files.folder.put(bytes, in: "bad.bin")
    let lines = [
      ["inspect", bad], ["verify", bad], ["bench", bad], ["quantize", bad],
      ["eval", bad, files.test], ["predict", bad, files.test], ["diff", bad, files.int8],
      ["diff", files.float, bad],
    ]
    for words in lines {
      let answer = nnq(words)
      #expect(answer.code == 3, "\(words)")
      #expect(answer.errors.hasPrefix("nnq: error: \(bad): damaged: checksum 0x"), "\(words)")
    }
  }

  @Test("every 1-bit flip of a good golden file is refused", arguments: GoldenFolder.goodNames)
  func flips(name: String) throws {
    let folder = TemporaryFolder()
    let bytes = GoldenFolder.good(name)
    let path = folder.put(bytes, in: name)
    let descriptor = unsafe open(path, O_WRONLY)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    func put(_ byte: UInt8, at index: Int) {
      var byte = byte
      _ = unsafe pwrite(descriptor, &byte, 1, index)
    }
    #expect(nnq("inspect", path).code == 0)
    var taken: [Int] = []
    for bit in 0..<bytes.count * 8 {
      put(bytes[bit / 8] ^ 1 << (bit % 8), at: bit / 8)
      if nnq("inspect", path).code != 3 { taken.append(bit) }
      put(bytes[bit / 8], at: bit / 8)
    }
    #expect(taken.isEmpty)
    #expect(nnq("inspect", path).code == 0)
  }

  @Test("every truncation of a good golden file is refused", arguments: GoldenFolder.goodNames)
  func truncations(name: String) throws {
    let folder = TemporaryFolder()
    let bytes = GoldenFolder.good(name)
    let path = folder.put(bytes, in: name)
    for count in (0..<bytes.count).reversed() {
      try #require(unsafe truncate(path, count) == 0)
      #expect(nnq("inspect", path).code == 3, "\(count)")
    }
  }

  @Test("good golden files pass inspect and verify", arguments: GoldenFolder.goodNames)
  func good(name: String) throws {
    let path = "\(GoldenFolder.goodPath)/\(name)"
    expectSuccess(nnq("verify", path))
    expectSuccess(nnq("inspect", path))
    let facts = try JSONValue(
      parsing: String(decoding: fileBytes(GoldenFolder.factsPath) ?? [], as: UTF8.self))
    let inspected = try nnq("inspect", path, "--json").json()
    #expect(inspected["sha256"] == facts[name]?["sha256"])
    #expect(inspected["image_sha256"] ?? .null == facts[name]?["image_sha256"] ?? .null)
  }

  @Test("a model where another kind is needed is refused with what to do")
  func wrongKind() {
    let files = TrainedModel.of(.binary).files()
    expect(
      nnq("predict", files.float, files.test, "--codes"), .badInput,
      "\(files.float): a float model has no codes", hint: "quantize it first")
    expect(
      nnq("quantize", files.int8), .badInput,
      "\(files.int8): an int8 model where quantize needs a float model",
      hint: "give the model that train wrote")
    expect(
      nnq("quantize", files.image), .badInput,
      "\(files.image): an int8 model where quantize needs a float model")
    expect(
      nnq("eval", files.image, files.test), .badInput,
      "\(files.image): a flat image knows neither names nor scaling of its inputs",
      hint: "use the int8 model that quantize wrote, or codes: predict --codes")
    expect(
      nnq("predict", files.image, files.test), .usage,
      "\(files.image): a flat image answers in codes only", hint: "add --codes")
    expect(
      nnq("inspect", files.test), .badInput, "\(files.test): not a model of nnq",
      hint: "train writes models; a table of readings is not one")
    expect(
      nnq("predict", files.int8, files.test, "--counts"), .badInput,
      "\(files.int8): declares no sensor counts for all of its features",
      hint: "declare them with train --counts, then quantize")
  }

  @Test("diff refuses models of other features or tasks")
  func unlikeModels() {
    let binary = TrainedModel.of(.binary).files()
    let multiclass = TrainedModel.of(.multiclass).files()
    expect(
      nnq("diff", binary.float, multiclass.float), .badInput,
      "\(multiclass.float): another task or other features than \(binary.float)",
      hint: "diff compares two models of the same features and outputs")
    expect(
      nnq("diff", binary.int8, binary.int8), .usage,
      "neither model carries rows to compare on", hint: "give DATA.csv")
  }

  @Test("a model that is not there and a folder are failures of input and output")
  func noFile() {
    let folder = TemporaryFolder()
    let absent = folder("absent.bin")
    for verb in ["inspect", "verify", "bench", "quantize", "predict"] {
      expect(
        nnq(verb, absent), .inputOutput, "\(absent): cannot open: No such file or directory")
      expect(
        nnq(verb, folder.path), .inputOutput, "\(folder.path): cannot read: Is a directory")
    }
  }
}
