// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQTestSupport
import Testing

@testable import NNQCommands

/// `nnq certify`, and what other verbs make of a certificate.
@Suite struct CertifyCommandTests {
  @Test(
    "writes a certificate that every verb takes, and changes no hash",
    arguments: [
      ModelTask.Kind.binary, .multiclass, .multilabel, .regression, .anomaly,
    ])
  func writes(kind: ModelTask.Kind) throws {
    let files = TrainedModel.of(kind).files()
    let before = try nnq("inspect", files.int8, "--json").json()
    #expect(before["certificate"] == .null)
    let answer = nnq("certify", files.int8, "--attack", "500")
    expectSuccess(answer)
    #expect(answer.output.contains("is the loosest: its unit "))
    #expect(answer.output.contains("500 rows tried: none breaks a bound"))
    #expect(answer.output.contains("\(files.int8): certified"))
    let after = try nnq("inspect", files.int8, "--json").json()
    #expect(after["sha256"]?.string == before["sha256"]?.string)
    #expect(after["image_sha256"]?.string == before["image_sha256"]?.string)
    #expect((after["certificate"]?["error_bound"]?.double ?? 0) > 0)
    #expect(nnq("inspect", files.int8).output.contains("certificate "))

    let verified = nnq("verify", files.int8, "--rebuild", files.float)
    expectSuccess(verified)
    #expect(verified.output.contains("ok  certificate"))
    let checked = nnq("certify", files.int8, "--check")
    expectSuccess(checked)
    #expect(checked.output.contains("every claim of its certificate is proved"))
    expectSuccess(nnq("eval", files.int8, files.test))
    // Again, and the same bytes.
    let bytes = files.folder.bytes("model.int8.bin")
    expectSuccess(nnq("certify", files.int8))
    #expect(files.folder.bytes("model.int8.bin") == bytes)
  }

  @Test("one object says it all")
  func json() throws {
    let files = TrainedModel.of(.multiclass).files()
    let answer = nnq(
      "certify", files.int8, "-o", files.folder("c.bin"), "--central", "90%", "--attack", "200",
      "--json")
    expectSuccess(answer)
    let json = try answer.json()
    #expect(json["held"] == .boolean(true))
    let layers = json["layers"]?.elements ?? []
    #expect(layers.count == 3)
    for layer in layers {
      #expect((layer["accumulator_bound"]?.double ?? 0) > 0)
      let bound = try #require(layer["error_bound"]?.double)
      let found = try #require(layer["largest_error"]?.double)
      #expect(found > 0 && found <= bound)
    }
    #expect(json["attack"]?["inputs"]?.double == 200)
    #expect((json["safe_margin"]?.double ?? 0) > 0)
    #expect(json["box"]?.elements.first?["source"]?.string == "training")
    #expect(json["central"]?.double == 0.9)
    #expect(json["written"]?.string == files.folder("c.bin"))
    let checked = nnq("certify", files.folder("c.bin"), "--float", files.float, "--check", "--json")
    #expect(try checked.json()["central"] == .null)
  }

  @Test("the share of the readings that a box holds is said with it")
  func central() {
    let files = TrainedModel.of(.regression).files()
    for (words, box) in [
      ([], "least to greatest of all training rows"),
      (["--central", "50%"], "at least the middle 50.00 % of each feature in all training rows"),
      (
        ["--box", files.test, "--central", "0.9"],
        "at least the middle 90.00 % of each feature in the rows given"
      ),
    ] {
      let answer = nnq(["certify", files.int8] + words)
      expectSuccess(answer)
      #expect(
        answer.output.contains("holds for every row inside the box: \(box)\n"), "\(answer.output)")
    }
    expect(
      nnq("certify", files.int8, "--box", "counts", "--central", "50%"), .usage,
      "certify: --central does not go with --box counts")
  }

  /// The model with a certificate that is changed and has the right checksum.
  private func planted(
    _ files: TrainedModel.Files, _ change: (inout Certificate) -> Void
  ) throws -> String {
    expectSuccess(nnq("certify", files.int8))
    guard case .int8(var model) = try Model(parsing: files.folder.bytes("model.int8.bin") ?? [])
    else { return "" }
    var certificate = try #require(model.certificate)
    change(&certificate)
    model.certificate = certificate
    return files.folder.put(try Model.int8(model).serialized(), in: "planted.bin")
  }

  @Test("a planted error bound is refused by certify --check")
  func plantedError() throws {
    let files = TrainedModel.of(.regression).files()
    let path = try planted(files) { $0.layers[1].error /= 2 }
    let answer = nnq("certify", path, "--float", files.float, "--check")
    #expect(answer.code == 1)
    #expect(answer.output.contains("the certificate does not hold: dense1 is claimed to be off by"))
  }

  @Test("a table for the box may hold the model's targets, whatever they are called")
  func tableWithTargets() throws {
    let folder = TemporaryFolder()
    var table = SampleTable(.regression, rows: 80, seed: 5)
    table.header = SampleTable.features + ["power", "wear"]
    let csv = folder.put(table.csv, in: "t.csv")
    expectSuccess(
      nnq(
        "train", csv, "--target", "power,wear", "-o", folder("m.bin"), "--hidden", "4", "--epochs",
        "2", "--quiet"))
    expectSuccess(nnq("quantize", folder("m.bin")))
    let answer = nnq("certify", folder("m.int8.bin"), "--box", csv, "--json")
    expectSuccess(answer)
    #expect(try answer.json()["box"]?.elements.first?["source"]?.string == "rows")
    table.header[5] = "other"
    let other = folder.put(table.csv, in: "other.csv")
    #expect(nnq("certify", folder("m.int8.bin"), "--box", other).code == 3)
  }

  @Test("a certificate of more parts is checked with as many, which the answer says")
  func parts() throws {
    let files = TrainedModel.of(.regression).files()
    expectSuccess(nnq("certify", files.int8, "--parts", "8"))
    let hint = "made with more --parts? give --parts N"
    let fewer = nnq("certify", files.int8, "--check")
    #expect(fewer.code == 1)
    #expect(fewer.output.contains("the certificate does not hold: "), "\(fewer.output)")
    #expect(fewer.output.contains("\nhint: \(hint)\n"))
    let json = try nnq("certify", files.int8, "--check", "--json").json()
    #expect(json["held"] == .boolean(false))
    #expect(json["hint"]?.string == hint)
    let same = nnq("certify", files.int8, "--check", "--parts", "8", "--json")
    expectSuccess(same)
    #expect(try same.json()["hint"] == .null)
  }

  @Test("a planted loosest unit is refused by certify --check")
  func plantedUnit() throws {
    let files = TrainedModel.of(.regression).files()
    var right = 0
    let path = try planted(files) {
      right = $0.layers[1].loosest
      $0.layers[1].loosest = right == 0 ? 1 : 0
    }
    let answer = nnq("certify", path, "--float", files.float, "--check")
    #expect(answer.code == 1)
    #expect(
      answer.output.contains(
        "dense1 is claimed to be loosest at unit \(right == 0 ? 1 : 0), proved is unit \(right)"))
  }

  @Test("planted codes are refused by verify, which needs no float model")
  func plantedCodes() throws {
    let files = TrainedModel.of(.regression).files()
    let path = try planted(files) {
      let codes = $0.layers[0].codes
      $0.layers[0].codes = codes.lowerBound...codes.upperBound - 1
    }
    let answer = nnq("verify", path)
    #expect(answer.code == 1)
    #expect(answer.output.contains("FAILED  certificate"), "\(answer.output)")
    #expect(answer.output.contains("dense0 is claimed to hand on codes"))
  }

  @Test("a model that is changed afterwards has no certificate")
  func changed() throws {
    let files = TrainedModel.of(.multiclass).files()
    expectSuccess(nnq("certify", files.int8))
    expectSuccess(
      nnq(
        "eval", files.int8, files.test, "--fit-temperature", "-o", files.folder("calm.bin")))
    let answer = nnq("certify", files.folder("calm.bin"), "--float", files.float, "--check")
    expect(
      answer, .no, "\(files.folder("calm.bin")): carries no certificate",
      hint: "certify without --check writes one")
    #expect(nnq("certify", files.folder("calm.bin"), "--float", files.float).code == 1)
  }

  @Test("what cannot be certified is said in one sentence")
  func refusals() throws {
    let files = TrainedModel.of(.binary).files()
    expect(
      nnq("certify", files.float), .badInput,
      "\(files.float): not an int8 model with its provenance")
    expect(
      nnq("certify", files.int8, "--float", files.int8), .badInput,
      "\(files.int8): an int8 model where certify --float needs a float model")
    let other = TrainedModel.of(.multiclass).files()
    expect(
      nnq("certify", files.int8, "--float", other.float), .badInput,
      "\(files.int8): was made of another float model")
    expect(
      nnq("certify", files.int8, "--box", "counts"), .badInput,
      "\(files.int8): not every feature declares sensor counts")
    expectSuccess(nnq("quantize", files.float, "--prune", "-o", files.folder("p.bin")))
    expect(
      nnq("certify", files.folder("p.bin"), "--float", files.float), .no,
      "\(files.folder("p.bin")): features and units were left out by --prune: not covered yet")
    #expect(nnq("certify", files.int8, "--box", files.test, "--check").code == 2)
  }
}
