// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQTestSupport
import Testing

@testable import NNQCommands

@Suite struct QuantizeOptionTests {
  private let files = TrainedModel.of(.regression).files()
  private let table = TrainedModel.of(.regression).test
  private let made: String

  init() { made = files.folder("made.bin") }

  /// The int8 model's bytes.
  private func quantized(_ words: [String], float: String? = nil) throws -> [UInt8] {
    expectSuccess(nnq(["quantize", float ?? files.float, "-o", made, "--force"] + words))
    return try #require(files.folder.bytes("made.bin"))
  }

  @Test("tables of calibration rows that lie in several files count as one in their order")
  func sharding() throws {
    let folder = files.folder
    // Really different files, one of them with a single row.
    var parts: [String] = []
    for (name, span) in [("a", 0..<25), ("b", 25..<26), ("c", 26..<60)] {
      parts.append(
        folder.put(
          SampleTable(header: table.header, rows: Array(table.rows[span])).csv, in: name + ".csv"))
    }
    func calibrate(_ paths: [String]) -> [String] { paths.flatMap { ["--calibrate", $0] } }
    for weights in ["8", "4", "mixed"] {
      for threads in ["1", "3"] {
        let words = ["--weights", weights, "--threads", threads]
        let whole = try quantized(calibrate([files.test]) + words)
        #expect(try quantized(calibrate(parts) + words) == whole)
        // In another order they are other calibration rows, which the provenance says.
        #expect(try quantized(calibrate(parts.reversed()) + words) != whole)
      }
    }
    _ = try quantized(calibrate(parts))
    let rebuild = ["verify", made, "--rebuild", files.float]
    expectSuccess(nnq(rebuild + calibrate(parts)))
    expectSuccess(nnq(rebuild + calibrate([files.test])))
    #expect(nnq(rebuild + calibrate(parts.dropLast())).code == 1)
    let doctor = ["doctor", files.float, "--json"]
    func gains(_ paths: [String]) throws -> [JSONValue?] {
      let json = try nnq(doctor + calibrate(paths)).json()
      return [json["recipe"]] + (json["findings"]?.elements.map { $0["gain"] } ?? [])
    }
    #expect(try gains(parts) == gains([files.test]))
  }

  @Test("with a fixed recipe the order of the files moves no bit of the image")
  func order() throws {
    let folder = files.folder
    let halves = [0..<30, 30..<60].enumerated().map { index, span in
      folder.put(
        SampleTable(header: table.header, rows: Array(table.rows[span])).csv, in: "\(index).csv")
    }
    let fixed = ["--input", "8", "--input-scale", "tensor", "--activations", "8"]
    func image(_ paths: [String]) throws -> FlatImage? {
      let bytes = try quantized(fixed + paths.flatMap { ["--calibrate", $0] })
      return try Model(parsing: bytes).image
    }
    #expect(try image(halves) == image(halves.reversed()))
  }

  @Test("a margin is taken, recorded and rebuilt, and stands in place of the fixed one")
  func margin() throws {
    let plain = ["--input", "8", "--activations", "8", "--output", "8"]
    func ranges(_ words: [String]) throws -> [Double] {
      let json = try nnq(
        ["quantize", files.float, "-o", made, "--force", "--json"] + plain + words
      ).json()
      expectSuccess(nnq("verify", made, "--rebuild", files.float))
      return json["layers"]?.elements.compactMap { $0["range"]?.elements.last?.double } ?? []
    }
    let least = try ranges(["--calibration", "minmax"])
    #expect(try ranges(["--margin", "1"]) == least)
    #expect(try ranges(["--margin", "1.1"]) == ranges(["--calibration", "margin"]))
    for (wide, narrow) in zip(try ranges(["--margin", "3"]), least) {
      // The zero point is rounded to a code, of which there are 255 to the range.
      #expect(abs(wide / narrow - 3) < 3.0 * 2 / 255 * 3)
    }
    let text = nnq("inspect", made, "--json").output
    #expect(text.contains("margin=3.0"))
  }

  @Test("what is no margin and no exponent is refused")
  func refused() {
    for (words, sentence) in [
      (["--margin", "0.9"], "quantize: --margin: \"0.9\" must be from 1.0 to 4.0"),
      (["--margin", "5"], "quantize: --margin: \"5\" must be from 1.0 to 4.0"),
      (["--margin", "nan"], "quantize: --margin: \"nan\" is not a finite number"),
      (
        ["--margin", "2", "--calibration", "mse"],
        "quantize: --margin does not go with --calibration mse"
      ),
      (["--equalize", "0.7"], "quantize: --equalize: \"0.7\" is not one of auto, 0, 0.25, 0.5"),
    ] {
      let answer = nnq(["quantize", files.float, "-o", made] + words)
      #expect(answer.code == 2)
      #expect(answer.errors.contains(sentence), "\(answer.errors)")
    }
  }

  @Test("layers of an equalized model are compared in the units of its float model")
  func equalized() throws {
    var float = sampleFloatModel(.regression, widths: [6, 16, 2], rows: 300, seed: 7)
    for unit in stride(from: 0, to: 16, by: 3) {
      for input in 0..<6 { float.layers[0].weights[unit * 6 + input] *= 300 }
      float.layers[0].bias[unit] *= 300
      for row in 0..<2 { float.layers[1].weights[row * 16 + unit] /= 300 }
    }
    let path = files.folder.put(try Model.float(float).serialized(), in: "unbalanced.bin")
    func layers(_ first: String, _ second: String) throws -> [Double] {
      let json = try nnq("diff", first, second, "--json").json()
      return json["layers"]?.elements.compactMap { $0["sqnr_db"]?.double } ?? []
    }
    let words = ["--weight-scales", "tensor", "--equalize"]
    _ = try quantized(words + ["0.5"], float: path)
    expectSuccess(nnq("verify", made, "--rebuild", path))
    for found in [try layers(path, made), try layers(made, path)] {
      #expect(found.count == 2 && found.allSatisfy { $0 > 25 }, "\(found)")
    }
    // Nothing tells the factors of two int8 models that were equalized otherwise.
    let other = files.folder("other.bin")
    expectSuccess(nnq(["quantize", path, "-o", other] + words + ["0"]))
    let columns = float.features.map(\.name)
    let rows = SampleTable(
      header: columns, rows: (0..<20).map { row in columns.indices.map { "\((row + $0) % 7)" } })
    let answer = nnq(
      "diff", made, other, files.folder.put(rows.csv, in: "rows.csv"), "--json")
    expectSuccess(answer)
    let compared = try answer.json()["layers"]
    #expect(compared == .array([]))
  }
}
