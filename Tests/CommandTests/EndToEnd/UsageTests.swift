// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQTestSupport
import Testing

@testable import NNQCommands

@Suite struct UsageTests {
  struct Mistake: CustomTestStringConvertible, Sendable {
    let words: [String]
    let sentence: String
    var hint: String? = nil
    var testDescription: String { words.joined(separator: " ") }

    init(_ line: String, _ sentence: String, hint: String? = nil) {
      words = line.split(separator: " ").map(String.init)
      self.sentence = sentence
      self.hint = hint
    }
  }

  @Test(
    "a wrong command line ends with code 2 and says why",
    arguments: [
      Mistake("", "a verb is missing", hint: "nnq help lists the verbs"),
      Mistake("trian x.csv", "unknown verb \"trian\"", hint: "did you mean \"train\"?"),
      Mistake("frobnicate", "unknown verb \"frobnicate\"", hint: "nnq help lists the verbs"),
      Mistake("train", "train: DATA.csv is missing", hint: "nnq train DATA.csv [options]"),
      Mistake("eval m.bin", "eval: DATA.csv is missing"),
      Mistake("diff m.bin", "diff: B is missing"),
      Mistake("quantize", "quantize: MODEL is missing"),
      Mistake("bench", "bench: MODEL is missing"),
      Mistake("simulate", "simulate: -o FILE is missing"),
      Mistake("simulate pump -o x", "simulate: MACHINE: \"pump\" is not one of motor"),
      Mistake("verify a b", "verify: unexpected argument \"b\""),
      Mistake(
        "train x.csv --hiden 3", "train: unknown option \"--hiden\"",
        hint: "did you mean \"--hidden\"?"),
      Mistake(
        "export /absent --to onnx --layout cortex-m4 -o x",
        "export: --layout does not go with --to onnx, which has no image"),
      Mistake("train x.csv -q", "train: unknown option \"-q\""),
      Mistake(
        "train x.csv --check-gradients --overfit 4",
        "train: --check-gradients and --overfit exclude each other"),
      Mistake(
        "train x.csv --resume ck --overfit 4", "train: --resume and --overfit exclude each other"),
      Mistake("train x.csv --epochs", "train: --epochs needs a value: --epochs N"),
      Mistake(
        "train x.csv --epochs --json",
        "train: --epochs needs a value: --epochs N, found \"--json\""),
      Mistake("train x.csv --epochs 0", "train: --epochs: \"0\" must be from 1 to 1000000"),
      Mistake("train x.csv --epochs 1e400", "train: --epochs: \"1e400\" is not a whole number"),
      Mistake(
        "train x.csv --epochs 99999999999999999999",
        "train: --epochs: \"99999999999999999999\" is not a whole number"),
      Mistake(
        "train x.csv --seed -1", "train: --seed: \"-1\" must be from 0 to 9223372036854775807"),
      Mistake(
        "train x.csv --learning-rate nan", "train: --learning-rate: \"nan\" is not a finite number"),
      Mistake(
        "train x.csv --learning-rate 1e400",
        "train: --learning-rate: \"1e400\" is not a finite number"),
      Mistake("train x.csv --validation 1", "train: --validation: \"1\" must be from 0.0 to 0.9"),
      Mistake("train x.csv --hidden 8,0", "train: --hidden: \"0\" must be from 1 to 65535"),
      Mistake("train x.csv --hidden 8,,8", "train: --hidden: \"8,,8\" has an empty entry"),
      Mistake(
        "train x.csv --task guess",
        "train: --task: \"guess\" is not one of auto, binary, multiclass, multilabel, regression, "
          + "anomaly"),
      Mistake(
        "train x.csv --time-ordered --group g",
        "train: --time-ordered and --group exclude each other"),
      Mistake("train x.csv --json --json", "train: --json is given twice"),
      Mistake("train x.csv --json=1", "train: --json takes no value, found \"1\""),
      Mistake("train x.csv --output= -o", "train: unknown option \"--output\""),
      Mistake("train x.csv --target y,z,y", "train: --target: \"y\" is given twice"),
      Mistake(
        "predict m.bin x.csv --codes --json", "predict: --codes and --json exclude each other"),
      Mistake("bench m.bin --batch 0", "bench: --batch: \"0\" must be from 1 to 65536"),
      Mistake(
        "bench /absent --target cortex-m0,toaster", "bench: --target: \"toaster\" is no target",
        hint: "there are host, cortex-m0, cortex-m3, cortex-m4, cortex-m7, cortex-m33, cortex-m55,"
          + " riscv32, avr, wasm32"),
      Mistake(
        "export m.bin --to c --layout cortex-m9 -o m.c",
        "export: --layout: \"cortex-m9\" is not one of portable, cortex-m4, cortex-m55"),
      Mistake(
        "inspect m.bin --color sometimes",
        "inspect: --color: \"sometimes\" is not one of auto, always, never"),
    ])
  func mistakes(mistake: Mistake) {
    let answer = nnq(mistake.words)
    expect(answer, .usage, mistake.sentence, hint: mistake.hint)
    #expect(answer.output.isEmpty)
  }

  @Test("more hidden layers than a model holds are a mistake")
  func tooDeep() {
    let widths = Array(repeating: "2", count: 255).joined(separator: ",")
    let answer = nnq("train", "x.csv", "--hidden", widths)
    #expect(answer.code == ExitCode.usage.rawValue)
    #expect(answer.errors.contains("names 255 layers where at most 254 are allowed"))
  }

  @Test("a layer norm over one unit is refused before the table is read")
  func narrowLayerNorm() {
    let folder = TemporaryFolder()
    let csv = folder("t.csv")
    let words = ["train", csv, "-o", folder("m.bin"), "--normalization", "layer", "--epochs", "1"]
    // The table is not there.
    expect(
      nnq(words + ["--hidden", "4,1"]), .usage,
      "train: --normalization layer takes hidden layers of 2 units or more: over one it gives 0",
      hint: "widen the layers of --hidden that are 1")
    folder.put(SampleTable(.binary, rows: 40, seed: 41).csv, in: "t.csv")
    // A gated layer is twice as wide where it is normalized.
    expectSuccess(nnq(words + ["--hidden", "4,1", "--activation", "swiglu"]))
    expectSuccess(nnq(words + ["--hidden", "4,2"]))
  }

  @Test("a limit on a metric that the task has not is a mistake that lists the metrics")
  func metricNames() {
    let binary = TrainedModel.of(.binary).files()
    let names =
      "accuracy, balanced_accuracy, macro_f1, micro_f1, precision, recall, f1, roc_auc, pr_auc, "
      + "log_loss, ece"
    expect(
      nnq("eval", binary.int8, binary.test, "--min", "acuracy=0.5"), .usage,
      "eval: --min: \"acuracy\" is not a metric of this model: \(names)",
      hint: "did you mean \"accuracy\"?")
    expect(
      nnq("eval", binary.int8, binary.test, "--max", "rmse=4"), .usage,
      "eval: --max: \"rmse\" is not a metric of this model: \(names)")
    expect(
      nnq("eval", binary.int8, binary.test, "--min", "accuracy"), .usage,
      "eval: --min: \"accuracy\" is not of the form METRIC=VALUE")
    expect(
      nnq("eval", binary.int8, binary.test, "--min", "accuracy=high"), .usage,
      "eval: --min: \"high\" is not a finite number")
    expect(
      nnq("diff", binary.float, binary.int8, "--max-flips", "120%"), .usage,
      "diff: --max-flips: \"120%\" is not a share from 0% to 100%")
  }

  @Test("a missed limit ends with code 1 after the metrics")
  func limits() throws {
    let binary = TrainedModel.of(.binary).files()
    let missed = nnq("eval", binary.int8, binary.test, "--json", "--min", "accuracy=1.5")
    #expect(missed.code == 1)
    let accuracy = try #require(try missed.json()["metrics"]?["accuracy"]?.double)
    #expect(
      missed.errors.contains(
        "nnq: warning: accuracy is \(accuracy), below 1.5 (--min accuracy=1.5)\n"))
    #expect(nnq("eval", binary.int8, binary.test, "--max", "accuracy=0.1").code == 1)
    #expect(nnq("eval", binary.int8, binary.test, "--min", "accuracy=0.1").code == 0)

    let regression = TrainedModel.of(.regression).files()
    #expect(
      nnq("eval", regression.int8, regression.test, "--max", "rmse.target_power=1e-9").code == 1)
    #expect(
      nnq("eval", regression.int8, regression.test, "--max", "rmse.target_power=1e9").code == 0)
  }

  @Test("more flips than --max-flips allows end with code 1")
  func flips() throws {
    let folder = TemporaryFolder()
    let table = folder.put(SampleTable(.multiclass, rows: 200, seed: 31).csv, in: "t.csv")
    for seed in ["1", "2"] {
      expectSuccess(
        nnq(
          "train", table, "-o", folder("\(seed).bin"), "--epochs", "1", "--hidden", "4",
          "--seed", seed))
    }
    let answer = nnq("diff", folder("1.bin"), folder("2.bin"), "--max-flips", "0%", "--json")
    #expect(answer.code == 1)
    #expect(try #require(answer.json()["flips"]?.double) > 0)
    #expect(answer.errors.contains("of the decisions differ, above --max-flips 0.00 %"))
    expectSuccess(nnq("diff", folder("1.bin"), folder("2.bin"), "--max-flips", "100%"))
    expectSuccess(nnq("diff", folder("1.bin"), folder("1.bin"), "--max-flips", "0"))
  }

  @Test("a name that is no feature is a mistake", arguments: ["--counts", "--unit"])
  func noFeature(option: String) {
    let folder = TemporaryFolder()
    let table = folder.put(SampleTable(.binary, rows: 40, seed: 3).csv, in: "t.csv")
    expect(
      nnq("train", table, "-o", folder("m.bin"), option, "tempp=1"), .usage,
      "train: \(option): \"tempp\" is no feature of the table", hint: "did you mean \"temp\"?")
    #expect(folder.names == ["t.csv"])
  }
}
