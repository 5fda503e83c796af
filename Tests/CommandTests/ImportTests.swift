// SPDX-License-Identifier: Apache-2.0
import NNQFiles
import NNQFormat
import NNQInterop
import NNQTestSupport
import Testing

@testable import NNQCommands

@Suite struct ImportTests {
  private let files = CProgram()

  @Test(
    "an exported float model comes back with the same answers", arguments: ["onnx", "tflite"])
  func roundTrip(format: String) throws {
    let model = sampleFloatModel(.multiclass, widths: [4, 6, 3], seed: 3)
    try writeFile(try Model.float(model).serialized(), to: files("model.bin"))
    let captured = CapturedConsole()
    #expect(
      captured.run("export", files("model.bin"), "--to", format, "-o", files("net")) == .success)
    #expect(
      captured.run(
        "import", files("net"), "-o", files("again.bin"), "--features",
        model.features.map(\.name).joined(separator: ","), "--labels",
        model.task.labels.joined(separator: ","), "--json") == .success)
    #expect(captured.output.text.contains("\"format\": \"\(format)\""))
    #expect(captured.output.text.contains("\"widths\": [4, 6, 3]"))
    let bytes = try readFile(files("again.bin"), limit: FormatLimit.file)
    guard case .float(let again) = try Model(parsing: bytes) else {
      Issue.record("not a float model")
      return
    }
    #expect(again.layers == model.layers)
    #expect(again.features.map(\.name) == model.features.map(\.name))
    #expect(again.task == model.task)
    #expect(again.provenance["imported-from"] == format)
  }

  @Test("names of inputs come from a file with one a line too")
  func namesInFile() throws {
    let model = sampleFloatModel(.regression, widths: [3, 2, 1], seed: 3)
    try writeFile(try model.onnx(), to: files("net.onnx"))
    try writeFile(Array("rms\ncrest\r\nkurtosis\n".utf8), to: files("names.txt"))
    let code = CapturedConsole().run(
      "import", files("net.onnx"), "-o", files("m.bin"), "--features", files("names.txt"))
    #expect(code == .success)
    let read = try Model(parsing: readFile(files("m.bin"), limit: FormatLimit.file))
    guard case .float(let again) = read else { return }
    #expect(again.features.map(\.name) == ["rms", "crest", "kurtosis"])
  }

  @Test("what is no network, or does not fit, is refused with exit code 3 and writes nothing")
  func refusals() throws {
    let model = sampleFloatModel(.regression, widths: [3, 2, 1], seed: 3)
    try writeFile(try model.onnx(), to: files("net.onnx"))
    try writeFile(Array("a,b,c\n1,2,3\n".utf8), to: files("table.csv"))
    let cases: [([String], String)] = [
      ([files("table.csv")], "table.csv: "),
      ([files("net.onnx"), "--features", "a,b"], "features: 2 where the network has 3"),
      ([files("net.onnx"), "--features", "a,b,a"], "features: \"a\" is empty or given twice"),
      ([files("net.onnx"), "--task", "multiclass"], "task multiclass: 2 where the network has 1"),
      ([files("net.onnx"), "--task", "anomaly"], "task anomaly: 3 where the network has 1"),
    ]
    for (words, sentence) in cases {
      let captured = CapturedConsole()
      var console = captured.console()
      #expect(dispatch(["import"] + words + ["-o", files("x.bin")], on: &console) == .badInput)
      #expect(captured.errors.text.contains(sentence), "\(captured.errors.text)")
    }
    #expect(
      CapturedConsole().run("import", files("net.onnx"), "-o", files("x"), "--task", "no") == .usage
    )
    #expect(text(of: files("x.bin")) == nil)
  }

  @Test(
    "an imported net is quantized with given rows and keeps its accuracy",
    .enabled(if: sharedFolder != nil, "the folder shared is absent"))
  func pipeline() throws {
    let shared = try #require(sharedFolder)
    let data = shared + "/data/occupancy/"
    let captured = CapturedConsole()
    #expect(
      captured.run(
        "import", shared + "/models/dataset_nets/occupancy/occupancy.onnx", "-o", files("m.bin"),
        "--features", "Temperature,Humidity,Light,CO2,HumidityRatio", "--task", "binary",
        "--labels", "0,1") == .success)
    #expect(
      captured.run(
        "quantize", files("m.bin"), "-o", files("m.int8.bin"), "--calibrate", data + "train.csv")
        == .success)
    for model in ["m.bin", "m.int8.bin"] {
      // The reference net's accuracy is 0.97; a wrong column or scale gives 0.79 at most.
      #expect(
        captured.run("eval", files(model), data + "test.csv", "--min", "accuracy=0.94") == .success)
    }
  }
}
