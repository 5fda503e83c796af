// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQTestSupport
import Testing

@testable import NNQCommands

/// What `eval` makes of a model and how it looks at parts of a table.
@Suite struct EvalChangeTests {
  private static let thresholdTasks: [ModelTask.Kind] = [.binary, .multilabel, .anomaly]
  private static let probabilityTasks: [ModelTask.Kind] = [.binary, .multiclass, .multilabel]

  @Test(
    "a threshold is stored where it was measured, in float and in codes", arguments: thresholdTasks)
  func threshold(kind: ModelTask.Kind) throws {
    let files = TrainedModel.of(kind).files()
    for model in [files.float, files.int8] {
      for cost in ["fp=1,fn=20", "fp=20,fn=1"] {
        let changed = files.folder("changed.bin")
        let first = try nnq(
          "eval", model, files.test, "--json", "--cost", cost, "-o", changed
        ).json()["threshold"]
        expectSuccess(nnq("verify", changed))
        let again = try nnq("eval", changed, files.test, "--json", "--cost", cost).json()
        // What was chosen is what the written model does, and nothing cheaper is left.
        for name in ["false_positives", "false_negatives", "cost"] {
          #expect(first?["chosen"]?[name] == again["threshold"]?["stored"]?[name])
          #expect(first?["chosen"]?[name] == again["threshold"]?["chosen"]?[name])
        }
        #expect(again["metrics"]?["cost"] == first?["chosen"]?["cost"])
        let before = try #require(first?["stored"]?["cost"]?.double)
        #expect(try #require(first?["chosen"]?["cost"]?.double) <= before)
        // Ranks, scores and probabilities are what they were.
        let plain = try nnq("eval", model, files.test, "--json").json()["metrics"]
        for name in ["roc_auc", "pr_auc", "ece", "log_loss"] {
          #expect(plain?[name] == again["metrics"]?[name])
        }
      }
    }
  }

  @Test("a model whose threshold was chosen can be quantized, and an int8 one rebuilt")
  func rebuild() throws {
    let files = TrainedModel.of(.binary).files()
    let folder = files.folder
    expectSuccess(
      nnq(
        "eval", files.float, files.test, "--cost", "fp=1,fn=20", "-o", folder("careful.bin")))
    expectSuccess(nnq("quantize", folder("careful.bin")))
    expectSuccess(
      nnq("verify", folder("careful.int8.bin"), "--rebuild", folder("careful.bin")))
    // The threshold's code is the one that the probability stands for.
    guard case .int8(let model) = try Model(parsing: folder.bytes("careful.int8.bin") ?? []),
      case .float(let float) = try Model(parsing: folder.bytes("careful.bin") ?? [])
    else {
      Issue.record("not the models that were written")
      return
    }
    #expect(model.task.thresholds == float.task.thresholds && model.task.thresholds != [0.5])
    let code = Double(model.image.outputs[0].threshold)
    let wanted = logit(model.task.thresholds[0]) / (model.tensors.last?.scale ?? 1)
    #expect(code == (wanted + Double(model.image.outputs[0].origin)).rounded(.up))

    // Threshold and temperature on top, in any order, and again.
    expectSuccess(
      nnq(
        "eval", folder("careful.int8.bin"), files.test, "--fit-temperature", "-o", folder("a.bin")))
    expectSuccess(
      nnq("eval", folder("a.bin"), files.test, "--cost", "fp=3,fn=1", "-o", folder("b.bin")))
    let last = nnq("eval", folder("b.bin"), files.test, "--fit-temperature", "-o", folder("c.bin"))
    expectSuccess(last)
    for name in ["a.bin", "b.bin", "c.bin"] {
      expectSuccess(nnq("verify", folder(name), "--rebuild", folder("careful.bin")))
    }
    let moved = nnq("verify", folder("b.bin"), "--rebuild", files.float)
    #expect(moved.code == 1)
  }

  @Test("a temperature changes no decision and lowers the loss", arguments: probabilityTasks)
  func temperature(kind: ModelTask.Kind) throws {
    let files = TrainedModel.of(kind).files()
    for model in [files.float, files.int8] {
      let changed = files.folder("calm.bin")
      let answer = nnq("eval", model, files.test, "--json", "--fit-temperature", "-o", changed)
      let found = try answer.json()["temperature"]
      #expect(found?["changed_decisions"]?.double == 0)
      expectSuccess(nnq("verify", changed))
      let before = try nnq("eval", model, files.test, "--json").json()["metrics"]
      let after = try nnq("eval", changed, files.test, "--json").json()["metrics"]
      for name in ["ece", "log_loss", "accuracy"] {
        #expect(found?["stored"]?[name] == before?[name])
        #expect(found?["chosen"]?[name] == after?[name])
      }
      for name in ["accuracy", "macro_f1"] { #expect(before?[name] == after?[name]) }
      // The int8 tables round probabilities to 2^-16, so a loss may not fall further than that.
      let losses = [before, after].map { $0?["log_loss"]?.double ?? .nan }
      #expect(losses[1] <= losses[0] + 1e-4)
    }
  }

  @Test("slices are the same as tables of their rows")
  func slices() throws {
    let trained = TrainedModel.of(.binary)
    let files = trained.files()
    let sites = trained.test.rows.indices.map { $0 % 3 == 0 ? "north" : "south" }
    func table(_ keep: (String) -> Bool) -> SampleTable {
      var table = trained.test
      table.header = ["site"] + table.header
      table.rows = zip(sites, table.rows).filter { keep($0.0) }.map { [$0] + $1 }
      return table
    }
    let all = files.folder.put(table { _ in true }.csv, in: "all.csv")
    let answer = try nnq("eval", files.int8, all, "--json", "--slice", "site").json()
    #expect(answer["slices"]?["column"]?.string == "site")
    let groups = answer["slices"]?["groups"]?.elements ?? []
    #expect(groups.map { $0["value"]?.string } == ["north", "south"])
    for (group, name) in zip(groups, ["north", "south"]) {
      let own = files.folder.put(table { $0 == name }.csv, in: "\(name).csv")
      let alone = try nnq("eval", files.int8, own, "--json", "--ignore", "site").json()
      #expect(group["rows"] == alone["rows"] && group["metrics"] == alone["metrics"])
      #expect(group["intervals"] == alone["intervals"])
    }
    let text = nnq("eval", files.int8, all, "--slice", "site", "--details")
    expectSuccess(text)
    #expect(text.output.contains("north") && text.output.contains("truth, decision"))
  }

  @Test("a feature of many numbers is parted into four ranges that hold every row")
  func ranges() throws {
    for kind in ModelTask.Kind.allCases {
      let files = TrainedModel.of(kind).files()
      let answer = try nnq("eval", files.float, files.test, "--json", "--slice", "current").json()
      let groups = answer["slices"]?["groups"]?.elements ?? []
      #expect(groups.count == 4)
      #expect(groups.compactMap { $0["rows"]?.double }.reduce(0, +) == 60)
      expectSuccess(nnq("eval", files.float, files.test, "--slice", "current", "--details"))
    }
  }

  @Test("what does not go together is refused in a sentence")
  func refused() {
    let files = TrainedModel.of(.multiclass).files()
    let output = files.folder("o.bin")
    expect(
      nnq("eval", files.float, files.test, "--cost", "fp=1,fn=2"), .usage,
      "eval: --cost: \"multiclass\" is a task without a threshold")
    expect(
      nnq("eval", files.float, files.test, "-o", output), .usage,
      "eval: -o: \"\(output)\" has nothing to hold")
    expect(
      nnq("eval", files.float, files.test, "--slice", "site"), .badInput,
      "\(files.test):1: column \"site\" is missing")
    let regression = TrainedModel.of(.regression).files()
    expect(
      nnq("eval", regression.float, regression.test, "--fit-temperature"), .usage,
      "eval: --fit-temperature: the task regression has no probabilities")
    expect(
      nnq("eval", files.float, files.test, "--min", "cost=1"), .usage,
      "eval: --min: \"cost\" is not a metric of this model: "
        + "accuracy, balanced_accuracy, macro_f1, micro_f1, macro_precision, macro_recall, "
        + "roc_auc, pr_auc, log_loss, ece, precision.NAME, recall.NAME, f1.NAME")
  }
}
