// SPDX-License-Identifier: Apache-2.0
import NNQFiles
import NNQFormat
import NNQTestSupport
import Testing

@testable import NNQCommands

/// A table with one fault, and what is said of it after the name of the file.
struct BadTable: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let bytes: [UInt8]
  let sentence: String
  var hint: String? = nil

  init(_ name: String, _ bytes: [UInt8], _ sentence: String, hint: String? = nil) {
    testDescription = name
    self.bytes = bytes
    self.sentence = sentence
    self.hint = hint
  }

  init(_ name: String, _ text: String, _ sentence: String, hint: String? = nil) {
    self.init(name, Array(text.utf8), sentence, hint: hint)
  }

  init(_ name: String, _ table: SampleTable, _ sentence: String, hint: String? = nil) {
    self.init(name, table.csv, sentence, hint: hint)
  }

  private static let good = TrainedModel.of(.binary).test
  private static let missing = "train with --missing mean or --missing median to allow that"

  private static func cell(_ text: String, column: String = "rms_x") -> SampleTable {
    good.with(text, row: 2, column: column)
  }

  /// A row with other cells than the header has.
  private static func row(_ change: (inout [String]) -> Void) -> SampleTable {
    var table = good
    change(&table.rows[2])
    return table
  }

  private static func header(_ change: (inout [String]) -> Void) -> SampleTable {
    var table = good
    change(&table.header)
    return table
  }

  static let ofEval: [BadTable] = [
    BadTable("empty file", "", ": empty"),
    BadTable("only a line end", "\n", ": empty"),
    BadTable("header only", good.header.joined(separator: ",") + "\n", ": a header and no rows"),
    BadTable(
      "missing column", good.without(column: "rms_x"), ":1: column \"rms_x\" is missing"),
    BadTable(
      "missing target", good.without(column: "label"), ":1: column \"label\" is missing"),
    BadTable(
      "extra column",
      SampleTable(header: good.header + ["site"], rows: good.rows.map { $0 + ["1"] }),
      ":1: column \"site\" is neither a feature nor a target",
      hint: "columns are matched by name; pass over it with --ignore, or train with it"),
    BadTable(
      "duplicate column", header { $0[1] = "temp" }, ":1: column \"temp\" stands twice"),
    BadTable(
      "empty column name", header { $0[1] = "" },
      ":1: the name of column 2 is empty or too long"),
    BadTable(
      "column name of 5,000 characters", header { $0[1] = String(repeating: "x", count: 5000) },
      ":1: the name of column 2 is empty or too long"),
    BadTable("not a number", cell("n/a"), ":4: column \"rms_x\": \"n/a\" is not a number"),
    BadTable("hexadecimal", cell("0x1p3"), ":4: column \"rms_x\": \"0x1p3\" is not a number"),
    BadTable(
      "two points", cell("1.2.3"), ":4: column \"rms_x\": \"1.2.3\" is not a number"),
    BadTable(
      "quoted comma decimal", cell("\"1,5\""), ":4: column \"rms_x\": \"1,5\" is not a number"),
    BadTable("comma decimal", cell("1,5"), ":4: 6 cells where the header has 5"),
    BadTable(
      "text of 5,000 characters", cell(String(repeating: "y", count: 5000)),
      ":4: column \"rms_x\": \"\(String(repeating: "y", count: 64))\" is not a number"),
    BadTable(
      "terminal escape", cell("\u{1B}[2J"),
      ":4: column \"rms_x\": \"\\u{1b}[2J\" is not a number"),
    BadTable(
      "infinity", cell("inf"), ":4: column \"rms_x\": \"inf\" is not a finite binary32 number"),
    BadTable(
      "minus infinity", cell("-Infinity"),
      ":4: column \"rms_x\": \"-Infinity\" is not a finite binary32 number"),
    BadTable(
      "1e400", cell("1e400"),
      ":4: column \"rms_x\": \"1e400\" is not a finite binary32 number"),
    BadTable(
      "beyond binary32", cell("3.5e38"),
      ":4: column \"rms_x\": \"3.5e38\" is not a finite binary32 number"),
    BadTable(
      "exponent beyond Int", cell("1e99999999999999999999"),
      ":4: column \"rms_x\": \"1e99999999999999999999\" is not a finite binary32 number"),
    BadTable(
      "empty cell", cell(""), ": row 3: column \"rms_x\": the reading is missing", hint: missing),
    BadTable(
      "NaN", cell("NaN"), ": row 3: column \"rms_x\": the reading is missing", hint: missing),
    BadTable(
      "label never seen", cell("tepid", column: "label"),
      ": row 3: column \"label\": \"tepid\" is no label of the model",
      hint: "its labels are \"cool\", \"hot\""),
    BadTable(
      "empty label", cell("", column: "label"), ":4: column \"label\": the value is missing"),
    BadTable(
      "label nan", cell("nan", column: "label"), ":4: column \"label\": the value is missing"),
    BadTable("short row", row { $0.removeLast() }, ":4: 4 cells where the header has 5"),
    BadTable("long row", row { $0.append("1") }, ":4: 6 cells where the header has 5"),
    BadTable("blank line", row { $0 = [] }, ":4: 0 cells where the header has 5"),
    BadTable("quote without end", cell("\"1"), ":4: a quoted cell has no end"),
    BadTable(
      "text after a quote", cell("\"1\"2"), ":4: text after a closing quote"),
    BadTable(
      "NUL in a cell", cell("\0"), ":4: not text: a NUL byte or bytes that are not UTF-8",
      hint: "tables are .csv, .csv.zst or .npy"),
    BadTable(
      "binary file", [0x7F, 0x45, 0x4C, 0x46, 2, 1, 1, 0, 0, 0, 0x0A],
      ":1: not text: a NUL byte or bytes that are not UTF-8"),
    BadTable(
      "header that is not UTF-8", [0x61, 0xFF, 0x2C, 0x62, 0x0A, 0x31, 0x2C, 0x32, 0x0A],
      ":1: not text: a NUL byte or bytes that are not UTF-8"),
    BadTable(
      "label that is not UTF-8",
      Array(good.csv.utf8) + Array("55,1,0,900,".utf8) + [0xC3, 0x28, 0x0A],
      ":62: not text: a NUL byte or bytes that are not UTF-8"),
    BadTable(
      "truncated zstd", (try? Zstd.compress(Array(good.csv.utf8)).dropLast(9)) ?? [],
      ": truncated zstd frame"),
    BadTable(
      "model as a table", TrainedModel.of(.binary).int8,
      ":1: not text: a NUL byte or bytes that are not UTF-8"),
  ]
}

@Suite struct BadTableTests {
  @Test("eval refuses a table", arguments: BadTable.ofEval)
  func eval(table: BadTable) {
    let files = TrainedModel.of(.binary).files()
    let path = files.folder.put(table.bytes, in: "bad.csv")
    for model in [files.float, files.int8] {
      let answer = nnq("eval", model, path)
      expect(answer, .badInput, path + table.sentence, hint: table.hint)
      #expect(answer.output.isEmpty)
    }
  }

  @Test(
    "predict refuses the same tables, after the rows before the fault", arguments: BadTable.ofEval)
  func predict(table: BadTable) {
    // A truth that is wrong or missing, and a table without rows, are nothing to predict.
    let harmless = [
      "missing target", "label never seen", "empty label", "label nan",
      "label that is not UTF-8", "header only",
    ]
    let files = TrainedModel.of(.binary).files()
    let path = files.folder.put(table.bytes, in: "bad.csv")
    let answer = nnq("predict", files.int8, path)
    guard !harmless.contains(table.testDescription) else { return expectSuccess(answer) }
    expect(answer, .badInput, path + table.sentence, hint: table.hint)
    if table.sentence.hasPrefix(":4: ") {
      #expect(answer.output.split(separator: "\n").count == 3, "a heading and two rows")
    }
  }

  @Test("diff and quantize --calibrate refuse a table that lacks a feature")
  func otherVerbs() {
    let trained = TrainedModel.of(.binary)
    let files = trained.files()
    let path = files.folder.put(trained.test.without(column: "temp").csv, in: "bad.csv")
    let sentence = "\(path):1: column \"temp\" is missing"
    expect(nnq("diff", files.float, files.int8, path), .badInput, sentence)
    expect(
      nnq("quantize", files.float, "-o", files.folder("x"), "--calibrate", path), .badInput,
      sentence)
    #expect(files.folder.bytes("x") == nil)
  }

  @Test("a missing reading among calibration rows is refused, not quantized")
  func calibration() {
    let trained = TrainedModel.of(.binary)
    let files = trained.files()
    let table = trained.test.with("nan", row: 3, column: "current")
    let path = files.folder.put(table.csv, in: "gaps.csv")
    expect(
      nnq("quantize", files.float, "-o", files.folder("x"), "--calibrate", path), .badInput,
      "\(path): row 4: column \"current\": the reading is missing")
  }

  @Test("a folder and a file that is not there are failures of input and output")
  func noFile() {
    let files = TrainedModel.of(.binary).files()
    let folder = files.folder.makeFolder("folder")
    let absent = files.folder("absent.csv")
    for verb in [["eval", files.int8], ["predict", files.float], ["train"]] {
      expect(nnq(verb + [folder]), .inputOutput, "\(folder): cannot read: Is a directory")
      expect(
        nnq(verb + [absent]), .inputOutput, "\(absent): cannot open: No such file or directory")
    }
  }
}
