// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQTestSupport
import Testing

@testable import NNQCommands

/// What `nnq doctor` prints can be pasted into a shell, and says of it what comes of it.
@Suite struct DoctorCommandTests {
  /// A net without rows of its own, with one hidden unit far larger than the others.
  private func unbalanced() throws -> FloatModel {
    var model = sampleFloatModel(.regression, widths: [6, 16, 8, 1], rows: 200, seed: 51)
    for input in 0..<6 { model.layers[0].weights[18 + input] *= 300 }
    model.layers[0].bias[3] *= 300
    for row in 0..<8 { model.layers[1].weights[row * 16 + 3] /= 300 }
    return model
  }

  private func table(_ model: FloatModel) throws -> String {
    let rows = try #require(model.calibration)
    return SampleTable(
      header: model.features.map(\.name),
      rows: (0..<rows.rows).map { row in
        rows.readings[row * 6..<(row + 1) * 6].map { "\($0)" }
      }
    ).csv
  }

  @Test("a fix holds the options given, quoted, and gives the gain that is stated")
  func paste() throws {
    let folder = TemporaryFolder()
    var model = try unbalanced()
    let data = folder.put(try table(model), in: "it's field.csv")
    model.calibration = nil
    let path = folder.put(try Model.float(model).serialized(), in: "my model.bin")
    let given = ["--calibrate", data, "--margin", "1.2"]
    for isQuantized in [false, true] {
      if isQuantized { expectSuccess(nnq(["quantize", path, "--force"] + given)) }
      let answer = nnq(["doctor", path, "--json"] + given)
      #expect(answer.code == 1)
      let findings = try answer.json()["findings"]?.elements ?? []
      let finding = try #require(findings.first { $0["kind"]?.string == "unbalanced-units" })
      let fix = try #require(finding["fix"]?.string)
      #expect(fix.hasPrefix("nnq quantize ") && fix.contains(" --margin 1.2 --equalize 0.5"))
      #expect(fix.contains(" -o ") == isQuantized)
      let line = "\"$NNQ\" " + fix.dropFirst(4) + " --json"
      let made = ChildProcess.run(line)
      #expect(made.code == 0, "\(line): \(made.errors)")
      let expected = try made.json()["expected"]?["sqnr_db"]?.double
      #expect(expected != nil && expected == finding["gain"]?["after"]?.double)
    }
  }

  @Test("a result far from the float model is warned of, with the line that examines it")
  func poor() throws {
    let folder = TemporaryFolder()
    var model = try unbalanced()
    for unit in 0..<8 { model.layers[1].bias[unit] = 30_000 }
    let mean = model.layers[2].weights.reduce(0, +) / 8
    for unit in 0..<8 { model.layers[2].weights[unit] -= mean }
    let path = folder.put(try Model.float(model).serialized(), in: "model.bin")
    let answer = nnq("quantize", path, "--weights", "4")
    expectSuccess(answer)
    #expect(answer.errors.contains("is far from the float one"), "\(answer.errors)")
    #expect(answer.errors.contains("nnq doctor \(path) --weights 4"), "\(answer.errors)")
  }

  @Test("a budget that no recipe meets is one object with the front")
  func unmet() throws {
    let files = TrainedModel.of(.binary).files()
    let answer = nnq("quantize", files.float, "--fit", "flash=1", "--json")
    #expect(answer.code == 1)
    let json = try answer.json()
    #expect(json["output"] == .null && json["front"]?.elements.isEmpty == false)
  }

  @Test("too few rows decide nothing under a budget")
  func fewRows() throws {
    let files = TrainedModel.of(.binary).files()
    for words in [["--max-drop", "1%"], ["--fit", "flash=1M"]] {
      let answer = nnq(
        ["quantize", files.float, "-o", files.folder("x.bin"), "--calibrate", files.test] + words)
      expect(
        answer, .badInput,
        "\(files.float): no recipe can be judged, nothing is known of other rows: some are held back"
          + " of 64 calibration rows and more, and these are 60",
        hint: "give more rows with --calibrate, or leave --fit and --max-drop out")
    }
    let answer = nnq(
      "quantize", files.float, "-o", files.folder("x.bin"), "--calibrate", files.test)
    #expect(answer.output.contains("nothing is known of other rows"))
  }

  @Test("the shipped models need no doctor", arguments: ["motor-fault", "motor-anomaly"])
  func shipped(name: String) {
    expectSuccess(nnq("doctor", packageRoot + "/models/\(name)/model.bin"))
  }
}
