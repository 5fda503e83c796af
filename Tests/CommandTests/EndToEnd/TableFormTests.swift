// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQFiles
import NNQFormat
import NNQTestSupport
import Testing

@testable import NNQCommands

/// The same readings in every form that a table may have give the same answers.
@Suite struct TableFormTests {
  private static let good = TrainedModel.of(.multiclass).test

  private static func cells(_ change: @Sendable (String) -> String) -> String {
    SampleTable(
      header: good.header.map(change), rows: good.rows.map { $0.map(change) }
    ).csv
  }

  static let forms: [(name: String, bytes: [UInt8])] = [
    (
      "columns in another order",
      good.reordered(["rms_y", "label", "current", "temp", "rms_x"]).csv
    ),
    ("CRLF", good.csv.split(separator: "\n").joined(separator: "\r\n") + "\r\n"),
    ("byte order mark", "\u{FEFF}" + good.csv),
    ("no last line end", String(good.csv.dropLast())),
    ("blank lines at the end", good.csv + "\n\r\n\n"),
    ("every cell quoted", cells { "\"\($0)\"" }),
    ("spaces around cells", good.csv.split(separator: ",").joined(separator: "  ,")),
    ("explicit plus signs", cells { Double($0).map { $0 > 0 } == true ? "+\($0)" : $0 }),
    (
      "a column named like another target",
      SampleTable(
        header: good.header + ["label_old", "Target x"], rows: good.rows.map { $0 + ["?", "7"] }
      ).csv
    ),
  ].map { ($0.0, Array($0.1.utf8)) }

  @Test("eval and predict give the same answers", arguments: forms.map(\.name))
  func sameAnswers(name: String) throws {
    let files = TrainedModel.of(.multiclass).files()
    let form = try #require(Self.forms.first { $0.name == name })
    let path = files.folder.put(form.bytes, in: "form.csv")
    for model in [files.float, files.int8] {
      let expected = nnq("predict", model, files.test)
      let found = nnq("predict", model, path)
      expectSuccess(found)
      #expect(found.output == expected.output)
      let metrics = try nnq("eval", model, path, "--json").json()["metrics"]
      #expect(metrics == (try nnq("eval", model, files.test, "--json").json()["metrics"]))
    }
  }

  @Test("a table packed with zstd, in one frame or more, is read whatever its name")
  func packed() throws {
    let files = TrainedModel.of(.multiclass).files()
    let expected = nnq("predict", files.int8, files.test).output
    let bytes = Array(Self.good.csv.utf8)
    let half = bytes.count / 2
    let packed = try Zstd.compress(bytes)
    let frames = try Zstd.compress(Array(bytes[..<half])) + Zstd.compress(Array(bytes[half...]))
    for (name, content) in [("t.csv.zst", packed), ("t.csv", packed), ("two.zst", frames)] {
      let answer = nnq("predict", files.int8, files.folder.put(content, in: name))
      expectSuccess(answer)
      #expect(answer.output == expected)
    }
    let cut = files.folder.put(Array(packed.dropLast(20)), in: "cut.csv.zst")
    expect(nnq("train", cut), .badInput, "\(cut): truncated zstd frame")
  }

  @Test("a table without the target is enough to predict")
  func withoutTarget() {
    let files = TrainedModel.of(.multiclass).files()
    let path = files.folder.put(Self.good.without(column: "label").csv, in: "plain.csv")
    let answer = nnq("predict", files.int8, path)
    expectSuccess(answer)
    #expect(answer.output == nnq("predict", files.int8, files.test).output)
  }

  @Test("a header without rows gives a heading without answers")
  func noRows() {
    let files = TrainedModel.of(.multiclass).files()
    let path = files.folder.put(Self.good.header.joined(separator: ","), in: "none.csv")
    #expect(nnq("predict", files.int8, path).output == "label,probability\n")
    #expect(nnq("predict", files.int8, path, "--codes").output == "y0,y1,y2\n")
    #expect(nnq("predict", files.int8, path, "--json").output == "")
    expectSuccess(nnq("predict", files.int8, path, "--codes", "-o", files.folder("none.npy")))
  }

  @Test("codes in, codes out: NumPy files give what golden.json says")
  func codes() throws {
    let folder = TemporaryFolder()
    let facts = try JSONValue(
      parsing: String(decoding: fileBytes(GoldenFolder.factsPath) ?? [], as: UTF8.self))
    for name in GoldenFolder.goodNames where !name.hasPrefix("float") {
      guard let own = facts[name] else { continue }
      func codes(_ key: String) -> [[Int16]] {
        (own[key]?.elements ?? []).map { $0.elements.compactMap(\.double).map { Int16($0) } }
      }
      let input = codes("input_codes")
      let output = codes("output_codes")
      let image =
        switch try Model(parsing: GoldenFolder.good(name)) {
        case .int8(let model): model.image
        case .image(let image): image
        case .float: throw NotAnInt8Model()
        }
      folder.put(Self.numPy(input, image.inputWidth), in: "in.npy")
      let model = "\(GoldenFolder.goodPath)/\(name)"
      expectSuccess(
        nnq("predict", model, folder("in.npy"), "--codes", "-o", folder("out.npy")))
      #expect(folder.bytes("out.npy") == Self.numPy(output, image.outputWidth), "\(name)")
      let lines = nnq("predict", model, folder("in.npy"), "--codes").output
      #expect(
        lines.split(separator: "\n").dropFirst().map(String.init)
          == output.map { $0.map { "\($0)" }.joined(separator: ",") })
    }
  }

  @Test("codes of other bits or other columns are refused")
  func wrongCodes() {
    let folder = TemporaryFolder()
    let eight = "\(GoldenFolder.goodPath)/int8-multiclass.bin"
    let sixteen = "\(GoldenFolder.goodPath)/int8-binary.bin"
    let path = folder.put(Self.numPy([[1, 2, 3, 4]], .sixteen), in: "a.npy")
    expect(
      nnq("predict", eight, path, "--codes"), .badInput,
      "\(path): 16-bit codes where the model takes 8-bit codes")
    folder.put(Self.numPy([[1, 2, 3, 4, 5]], .eight), in: "a.npy")
    expect(
      nnq("predict", sixteen, path, "--codes"), .badInput,
      "\(path): 8-bit codes where the model takes 16-bit codes")
    expect(
      nnq("predict", eight, path, "--codes"), .badInput,
      "\(path): 5 columns where the model has 4 inputs")
    folder.put(Array(Self.numPy([[1, 2, 3, 4]], .eight).dropLast()), in: "a.npy")
    expect(
      nnq("predict", eight, path, "--codes"), .badInput,
      "\(path): 3 bytes of data where 4 are stated")
    folder.put(Self.numPy([[1, 2, 3, 4]], .eight) + [0], in: "a.npy")
    expect(
      nnq("predict", eight, path, "--codes"), .badInput,
      "\(path): bytes after the 4 bytes of data")
    folder.put(Array(NumPyArray.magic), in: "a.npy")
    expect(
      nnq("predict", eight, path, "--codes"), .badInput,
      "\(path): 6 bytes of data where 8 are stated")
  }

  @Test("readings in a NumPy file are taken in the model's order, and in no other width")
  func readings() throws {
    let files = TrainedModel.of(.multiclass).files()
    let values = Self.good.rows.flatMap { $0.prefix(4).compactMap { Float($0) } }
    let path = files.folder.put(NumPyWriter.bytes(values, columns: 4), in: "x.npy")
    for model in [files.float, files.int8] {
      let answer = nnq("predict", model, path)
      expectSuccess(answer)
      #expect(answer.output == nnq("predict", model, files.test).output)
    }
    files.folder.put(NumPyWriter.bytes(values, columns: 3), in: "x.npy")
    expect(
      nnq("predict", files.int8, path), .badInput,
      "\(path): 3 columns where the model has 4 features")
  }

  /// A NumPy file of codes, written by hand.
  private static func numPy(_ rows: [[Int16]], _ width: CodeWidth) -> [UInt8] {
    let type = width == .eight ? "|i1" : "<i2"
    let text =
      "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(rows.count), \(rows[0].count)), }"
    let padding = (64 - (10 + text.utf8.count + 1) % 64) % 64
    let head = Array((text + String(repeating: " ", count: padding) + "\n").utf8)
    let magic: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0]
    return magic + [UInt8(head.count & 0xFF), UInt8(head.count >> 8)] + head
      + rows.flatMap { width.bytes(of: $0) }
  }
}
