// SPDX-License-Identifier: Apache-2.0
import NNQRuntime
import NNQFormat
import NNQTestSupport
import Testing

@testable import NNQCommands

/// The objects that scripts rely on: one line, the keys in their order, numbers as numbers.
@Suite struct JSONAnswerTests {
  private func answer(_ words: String...) throws -> JSONValue {
    let answer = nnq(words)
    #expect(answer.code == 0, "\(answer.errors)")
    #expect(answer.output.hasSuffix("\n"))
    #expect(answer.output.count { $0 == "\n" } == 1)
    let json = try answer.json()
    #expect(json.keys.first == "schema")
    #expect(json["schema"]?.double == 1)
    return json
  }

  @Test(
    "the strict parser is strict",
    arguments: [
      "", "{", "[1,]", "{\"a\":1,}", "01", "1.", ".5", "+1", "NaN", "'a'", "\"\u{01}\"", "\"\\x\"",
      "\"\\ud800\"", "{\"a\":1,\"a\":2}", "[1 2]", "1 2", "nul", "1e999", "{a:1}",
    ])
  func strict(text: String) {
    #expect(throws: JSONValue.Fault.self) { try JSONValue(parsing: text) }
  }

  @Test("the strict parser reads what RFC 8259 allows")
  func lenient() throws {
    let json = try JSONValue(
      parsing:
        " {\"a\\n\\u00e9\\ud83d\\ude00\": [ -0.5e+2 , true,false, null, \"x\\/\"], \"b\":{}} ")
    #expect(json.keys == ["a\né😀", "b"])
    #expect(
      json["a\né😀"]
        == .array([.number(-50), .boolean(true), .boolean(false), .null, .string("x/")]))
  }

  @Test("eval", arguments: ModelTask.Kind.allCases)
  func eval(kind: ModelTask.Kind) throws {
    let files = TrainedModel.of(kind).files()
    for (model, name, kernel) in [
      (files.float, "float32", "float32"),
      (files.int8, "int8", FirmwareRuntime.availableKernels.last),
    ] {
      let json = try answer("eval", model, files.test, "--json")
      let more = ["intervals", "confidence", "resamples"]
      let details =
        switch kind {
        case .regression: more
        case .anomaly: more + ["confusion"]
        default: more + ["confusion", "reliability"]
        }
      #expect(
        json.keys == ["schema", "rows", "model"] + details + ["metrics", "kernel", "seconds"])
      #expect(json["rows"]?.double == 60)
      #expect(json["model"]?.keys == ["kind", "sha256"])
      #expect(json["model"]?["kind"]?.string == name)
      #expect(json["model"]?["sha256"]?.string?.utf8.count == 64)
      #expect(json["kernel"]?.string == kernel)
      #expect(json["seconds"]?.double ?? -1 >= 0)
      let metrics = json["metrics"]?.keys ?? []
      let expected =
        switch kind {
        case .binary, .anomaly:
          [
            "accuracy", "balanced_accuracy", "macro_f1", "micro_f1", "precision", "recall", "f1",
            "roc_auc", "pr_auc",
          ] + (kind == .binary ? ["log_loss", "ece"] : [])
        case .multiclass:
          [
            "accuracy", "balanced_accuracy", "macro_f1", "micro_f1", "macro_precision",
            "macro_recall", "roc_auc", "pr_auc", "log_loss", "ece",
          ]
        case .multilabel:
          [
            "accuracy", "hamming_loss", "macro_f1", "micro_f1", "macro_precision", "macro_recall",
            "micro_precision", "micro_recall", "roc_auc", "pr_auc", "log_loss", "ece",
          ]
        case .regression:
          [
            "rmse", "mae", "r2", "rmse.target_power", "mae.target_power", "r2.target_power",
            "rmse.target_wear", "mae.target_wear", "r2.target_wear",
          ]
        }
      let isPart = kind == .multiclass || kind == .multilabel
      #expect(metrics.filter { !isPart || !$0.contains(".") } == expected)
      #expect(isPart == metrics.contains { $0.hasPrefix("recall.") })
      for name in metrics {
        let value = try #require(json["metrics"]?[name]?.double)
        #expect(value.isFinite)
        guard let interval = json["intervals"]?[name]?.elements.map(\.double) else { continue }
        #expect(interval.count == 2)
        #expect(interval[0] ?? 2 <= interval[1] ?? -2)
      }
    }
  }

  @Test("diff", arguments: ModelTask.Kind.allCases)
  func diff(kind: ModelTask.Kind) throws {
    let files = TrainedModel.of(kind).files()
    let json = try answer("diff", files.float, files.int8, files.test, "--json")
    #expect(
      json.keys.starts(with: [
        "schema", "rows", "agreement", "flips", "flips_interval", "decisions", "flipped", "sqnr_db",
        "max_abs_error", "not_finite", "bit_exact", "layers",
      ]))
    let layers = json["layers"]?.elements ?? []
    #expect(layers.map { $0["name"]?.string } == ["dense0", "dense1", "dense2"])
    for layer in layers {
      #expect(layer.keys == ["index", "name", "sqnr_db", "saturated"])
      // Broken machines lie beyond the range of the codes, which costs most of the ratio.
      #expect(layer["sqnr_db"]?.double ?? 0 > (kind == .anomaly ? 0 : 10))
    }
    #expect(json["bit_exact"] == .boolean(false))
    #expect(json["sqnr_db"]?.double ?? 0 > 10)
    if kind == .regression {
      #expect(json["flips"] == .null)
      #expect(json["agreement"] == .null)
      #expect(json["flips_interval"] == .null)
    } else {
      let flips = try #require(json["flips"]?.double)
      let interval = try #require(json["flips_interval"]).elements.compactMap(\.double)
      #expect(json["agreement"]?.double == 1 - flips)
      #expect(interval.count == 2 && interval[0] <= flips && flips <= interval[1])
    }
    let same = try answer("diff", files.int8, files.int8, files.test, "--json")
    #expect(same["bit_exact"] == .boolean(true))
    #expect(same["max_abs_error"]?.double == 0)
    #expect(same["sqnr_db"] == .null)
  }

  @Test("a model compared with itself is exact in words too")
  func sameInWords() {
    let files = TrainedModel.of(.binary).files()
    let text = nnq("diff", files.float, files.float).output
    #expect(text.contains("bit-exact"))
    #expect(text.contains("exact"))
    #expect(!text.contains("inf"))
  }

  @Test("inspect", arguments: ModelTask.Kind.allCases)
  func inspect(kind: ModelTask.Kind) throws {
    let files = TrainedModel.of(kind).files()
    let outputs = [.binary: 1, .multiclass: 3, .anomaly: 4][kind] ?? 2
    for (path, isFloat) in [(files.float, true), (files.int8, false), (files.image, false)] {
      let json = try answer("inspect", path, "--json")
      for key in [
        "kind", "task", "version", "layers", "parameters", "macs", "flat_bytes", "file_bytes",
        "ram_bytes", "features", "labels", "provenance", "sha256",
      ] {
        #expect(json.keys.contains(key), "\(key)")
      }
      #expect(json["kind"]?.string == (isFloat ? "float32" : "int8"))
      #expect(json["task"]?.string == kind.name)
      #expect(json["version"]?.double == 1)
      let layers = json["layers"]?.elements ?? []
      #expect(layers.map { $0["inputs"]?.double } == [4, 12, 8])
      #expect(layers.map { $0["outputs"]?.double } == [12, 8, Double(outputs)])
      for layer in layers {
        #expect(layer.keys == ["op", "inputs", "outputs", "weight_bits", "activation"])
        #expect(layer["op"]?.string == "dense")
        #expect(layer["weight_bits"]?.double == (isFloat ? 32 : 8))
      }
      #expect(json["parameters"]?.double == Double(60 + 104 + outputs * 9))
      #expect(json["macs"]?.double == Double(48 + 96 + outputs * 8))
      #expect(json["file_bytes"]?.double == fileBytes(path).map { Double($0.count) })
      #expect(
        json["flat_bytes"]?.double == (isFloat ? nil : Double(TrainedModel.of(kind).image.count)))
      let isFlat = path == files.image
      #expect(json["features"]?.elements.count == (isFlat ? 0 : 4))
      if !isFlat {
        #expect(
          json["features"]?.elements.compactMap { $0["name"]?.string } == SampleTable.features)
        #expect(json["provenance"]?.keys.contains("seed") ?? false)
      }
    }
    let int8 = try answer("inspect", files.int8, "--json")
    let image = try answer("inspect", files.image, "--json")
    #expect(int8["image_sha256"] == image["image_sha256"])
  }

  @Test("predict writes one object a line", arguments: ModelTask.Kind.allCases)
  func predict(kind: ModelTask.Kind) throws {
    let files = TrainedModel.of(kind).files()
    let expected =
      switch kind {
      case .binary, .multiclass: ["label", "probability", "probabilities"]
      case .multilabel: ["labels", "probabilities"]
      case .regression: ["values"]
      case .anomaly: ["label", "score"]
      }
    for (model, more) in [(files.float, [] as [String]), (files.int8, ["margins", "codes"])] {
      let lines = nnq("predict", model, files.test, "--json").output.split(separator: "\n")
      #expect(lines.count == 60)
      for line in lines {
        let json = try JSONValue(parsing: String(line))
        #expect(json.keys == expected + more.filter { kind != .regression || $0 != "margins" })
        guard kind == .binary || kind == .multiclass else { continue }
        let all =
          json["probabilities"]?.keys.compactMap { json["probabilities"]?[$0]?.double } ?? []
        // Q0.16: each class is rounded down to 1/65,536.
        #expect(abs(all.reduce(0, +) - 1) < 1e-4)
        #expect(json["label"]?.string.flatMap { json["probabilities"]?[$0] } == json["probability"])
      }
    }
  }

  @Test("bench")
  func bench() throws {
    let files = TrainedModel.of(.binary).files()
    let json = try answer("bench", files.float, files.int8, "--batch", "1,4", "--json")
    #expect(json.keys == ["schema", "results"])
    let results = json["results"]?.elements ?? []
    #expect(results.count == 4)
    for result in results {
      #expect(
        result.keys == [
          "model", "target", "kernel", "batch", "ns_min", "ns_median", "instructions", "text_bytes",
          "ram_bytes", "stack_bytes", "macs_per_second", "limit_share",
        ])
      #expect(result["ns_min"]?.double ?? 0 > 0)
      #expect(result["ns_min"]?.double ?? 1 <= result["ns_median"]?.double ?? 0)
    }
  }

  @Test("bench of each layer, and of each kernel against its limit")
  func layers() throws {
    let files = TrainedModel.of(.multiclass).files()
    let json = try answer(
      "bench", files.int8, "--batch", "1,3", "--kernel", "all", "--per-layer", "--json")
    let layers = try answer("inspect", files.int8, "--json")["layers"]?.elements ?? []
    for result in json["results"]?.elements ?? [] {
      let timed = result["layers"]?.elements ?? []
      #expect(timed.count == layers.count)
      for (index, layer) in timed.enumerated() {
        #expect(
          layer.keys == [
            "index", "op", "inputs", "outputs", "weight_bits", "ns_min", "ns_median",
            "macs_per_second", "limit_share",
          ])
        #expect(layer["index"]?.double == Double(index))
        for key in ["op", "inputs", "outputs", "weight_bits"] {
          #expect(layer[key] == layers[index][key])
        }
      }
      #expect(result["macs_per_second"]?.double ?? 0 > 0)
      // The definition reads the image in place: nothing says how fast it might be.
      #expect((result["limit_share"]?.double == nil) == (result["kernel"]?.string == "scalar"))
    }
    let table = nnq("bench", files.int8, "--batch", "1", "--per-layer").output
    for word in ["dense0", "GMAC/s", "of limit"] { #expect(table.contains(word)) }
    #expect(!nnq("bench", files.int8, "--batch", "1").output.contains("dense0"))
  }

  @Test("a layer too short for one tick of the clock has a time")
  func shortLayers() throws {
    let folder = TemporaryFolder()
    let csv = folder.put(SampleTable(.binary, rows: 40, seed: 3).csv, in: "t.csv")
    expectSuccess(
      nnq(
        "train", csv, "-o", folder("m.bin"), "--hidden", "2,2", "--epochs", "1", "--quiet"))
    expectSuccess(nnq("quantize", folder("m.bin")))
    let json = try answer(
      "bench", folder("m.int8.bin"), "--batch", "1", "--per-layer", "--json")
    let layers = json["results"]?.elements.first?["layers"]?.elements ?? []
    #expect(layers.count == 3)
    for layer in layers {
      #expect(layer["ns_min"]?.double ?? 0 > 0)
      #expect(layer["macs_per_second"]?.double ?? 0 > 0)
    }
  }

  @Test("bench of kernels by name")
  func kernels() throws {
    let files = TrainedModel.of(.binary).files()
    let all = try answer("bench", files.int8, "--batch", "1", "--kernel", "all", "--json")
    let names = all["results"]?.elements.map { $0["kernel"]?.string }
    #expect(names == FirmwareRuntime.availableKernels)
    let one = try answer("bench", files.int8, "--batch", "1", "--kernel", "scalar", "--json")
    #expect(one["results"]?.elements.map { $0["kernel"]?.string } == ["scalar"])
    let refused = nnq(["bench", files.int8, "--kernel", "scalar,abacus"])
    #expect(refused.code == 2)
    #expect(refused.errors.contains("--kernel: \"abacus\" is no kernel of this machine"))
  }

  @Test("train, quantize and verify")
  func others() throws {
    let folder = TemporaryFolder()
    folder.put(SampleTable(.binary, rows: 60, seed: 61).csv, in: "t.csv")
    let trained = try answer(
      "train", folder("t.csv"), "-o", folder("m.bin"), "--epochs", "2", "--json")
    #expect(trained["output"]?.string == folder("m.bin"))
    #expect(trained["sha256"]?.string?.utf8.count == 64)
    let quantized = try answer("quantize", folder("m.bin"), "--json")
    #expect(quantized["output"]?.string == folder("m.int8.bin"))
    let verified = try answer("verify", folder("m.int8.bin"), "--json")
    #expect(verified["passed"] == .boolean(true))
    #expect(verified["sha256"] == quantized["sha256"])
  }
}
