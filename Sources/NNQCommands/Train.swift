// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQFiles
import NNQFormat
import NNQQuantizeAware
import NNQTrain
import NNQWords

extension Command {
  static let train = Command(
    name: "train", summary: "Fit a multilayer perceptron to a table of sensor readings",
    arguments: [
      Argument(name: "DATA.csv", help: "The training rows: .csv, .csv.zst, .npy or -")
    ],
    options: [
      .file("-o", "FILE", "Write the model here", initial: .value("model.bin"))
    ] + Option.training + [
      .list(
        "--counts", "NAME=UNIT_PER_COUNT[:ZERO_VALUE][@MIN..MAX]",
        "How a column's sensor counts, for devices that hand over raw integers; counts are"
          + " -32768..32767 unless said otherwise, and the name * is for all other columns",
        isRepeatable: true),
      .list(
        "--unit", "NAME=UNIT", "Unit of a column, for example rms_x=mm/s; * as above",
        isRepeatable: true),
      .value("--seed", "S", "Seed of all random numbers", initial: .value("0")),
      .file("--checkpoint", "FILE", "Write after each pass where the training stands"),
      .file(
        "--resume", "FILE",
        "Go on from a checkpoint of the same data and settings; the model is the same to the byte",
        excludes: ["--check-gradients", "--overfit"]),
      .file(
        "--log", "FILE.jsonl",
        "Write one JSON object for each pass: losses, metric, rate, rows a second, and for each"
          + " layer its values, dead and saturated units, gradient, parameters and update ratio;"
          + " with --resume go on behind the pass of the checkpoint"),
      .report("the course of the training and what it made of the rows held back"),
      .quantizeAware,
      .flag(
        "--check-gradients",
        "Train nothing: compare the gradient with finite differences of the loss in binary64",
        excludes: ["--quantize-aware", "--resume", "--overfit"]),
      .value(
        "--overfit", "N", "Train no model: see whether the network learns N rows by heart",
        excludes: ["--quantize-aware", "--resume", "--check-gradients"]),
      .flag("--force", "Replace a model.bin that holds something else"),
      .flag("--json", "Print the result as one JSON object"),
    ],
    discussion: [
      "The model file carries all that quantize and predict need: the features' names and scaling,"
        + " labels, threshold and a sample of the training rows. The same rows, settings and seed"
        + " give the same bytes.",
      "Of several settings take that of the best validation metric over a few seeds: wider layers"
        + " with a little --dropout and more --epochs, --weight-decay, --normalization batch. Rows that"
        + " follow each other are near twins: hold them back with --group or --time-ordered.",
    ],
    examples: [
      Example("nnq train motor.csv", "Learn to predict the column label and write model.bin"),
      Example(
        "nnq train plant.csv -o plant.bin --target PE --hidden 32,32 --quantize-aware 4",
        "Fit two layers of 32, then their integers with 4-bit weights, which quantize plant.bin makes"
      ),
      Example(
        "nnq train tank.csv --counts level=0.25:-10@0..4095 --unit level=cm",
        "Declare a 12-bit sensor: level = 0.25 cm * count - 10 cm"),
    ]
  ) { arguments, console in
    let path = arguments.argument("DATA.csv")
    let output = OutputFile(arguments, defaultPath: "model.bin")
    try output.checkWritable()
    if let caution = output.caution { console.warn(caution) }
    let reportPath = try arguments.reportPath()
    var settings = try TrainingSettings(arguments)
    settings.seed = UInt64(try arguments.integer("--seed", in: 0...Int.max))
    let aware = try quantizeAware(arguments, settings)
    // Quantize-aware training and the report hold rows in forms of their own.
    let data = try arguments.trainingData(
      path, settings, files: aware == nil && reportPath == nil)
    settings.provenance["tool-version"] = Version.current
    let declared = try FeatureDeclarations(arguments, features: data.featureNames)

    let task = try naming(path) {
      try DetectedTask(in: data, kind: settings.task, targets: settings.targets)
    }
    console.note(
      "\(path): \(data.rows) rows, \(data.featureNames.count) features; \(task.sentence(data))")
    if data.file != nil {
      console.note("\(path): its readings are in a temporary file: memory does not hold them")
    }
    for category in data.categories {
      let shown = category.values.sample ?? ""
      console.note("\(path): categories of \(quoted(category.name)), a feature each: \(shown)")
    }
    if let names = data.leftOut.sample {
      console.note("\(path): named like a target and not asked for, so left out: \(names)")
    }
    let trainer = Trainer(settings: settings)
    if arguments.flag("--check-gradients") {
      let check = try naming(path) { try trainer.checkGradients(data) }
      return try report(check, arguments, &console)
    }
    if let rows = try arguments.integerIfGiven("--overfit", in: 2...100_000) {
      let test = try naming(path) { try trainer.testOverfitting(data, rows: rows) }
      return try report(test, arguments, &console)
    }
    let resumed = try arguments.stringIfGiven("--resume").map { try readCheckpoint($0) }
    let logPath = arguments.stringIfGiven("--log")
    if let logPath { try OutputFile(replacing: logPath).checkWritable() }
    // A log that goes on is left alone until the checkpoint has been found to fit.
    var log = resumed == nil ? try logPath.map { try TrainLog($0, after: nil) } : nil
    let checkpointPath = arguments.stringIfGiven("--checkpoint")
    let epochs = settings.epochs ?? Trainer.mostEpochs
    var progress = Progress("epoch", total: epochs, on: console)
    var failure: (any Error)?
    var curves = TrainingCurves()
    var keep: ((Checkpoint) -> Void)?
    if let checkpointPath {
      keep = { checkpoint in
        do { try writeFile(checkpoint.serialized(), to: checkpointPath) } catch { failure = error }
      }
    }
    var result = try naming(path) {
      do throws(TrainingError) {
        return try trainer.train(
          data, resuming: resumed,
          progress: { report in
            progress.update(report.epoch, report.line)
            if reportPath != nil { curves.add(report) }
            do {
              if log == nil { log = try logPath.map { try TrainLog($0, after: resumed?.epoch) } }
              try log?.write(report)
            } catch { failure = error }
            return failure == nil
          }, keep: keep)
      } catch .checkpoint(let error) {
        throw Failure(error, in: named(arguments.string("--resume")))
      }
    }
    progress.finish()
    if let failure { throw failure }
    declared.apply(
      to: &result.model.features, categories: Set(data.categories.flatMap(\.features)))
    let tuned = try aware.map { aware in
      try naming(path) { try tune(&result.model, aware, on: data, console) }
    }
    let bytes = try naming(output.path) { try Model.float(result.model).serialized() }
    try output.write(model: bytes, console)
    if let names = result.constantFeatures.sample {
      console.warn("features that never change in the fitted rows: \(names)")
    }
    if let caution = FeatureDeclarations.caution(result.model) { console.warn(caution) }
    for symptom in result.symptoms { console.warn(symptom.sentence) }
    let summary = TrainingSummary(
      result: result, tuned: tuned, path: output.path, fileBytes: bytes.count,
      identity: try naming(output.path) { try Model.float(result.model).identity() })
    if let reportPath {
      let model = printable(output.path)
      var predictor: any Predictor = FloatPredictor(result.model)
      var measured = "the float model \(model)"
      if let tuned {
        predictor = try Int8Predictor(tuned.result.quantized)
        measured = "the int8 model that quantize makes of \(model), kernel \(predictor.kernel)"
      }
      let heldBack = try Outcomes.heldBack(data, settings, predictor, of: path)
      try Page(summary, curves, heldBack: heldBack, measured: measured, of: path)
        .write(to: reportPath, console)
    }
    if output.isStandardOutput, result.divergence == nil { return .success }
    if arguments.flag("--json") {
      try console.print(summary.json)
    } else {
      try console.write(summary.text(style: console.style))
    }
    if let divergence = result.divergence {
      throw Failure(divergence, in: path).keeping(output.path, epoch: result.bestEpoch)
    }
    return .success
  }
}

extension [String] {
  /// The first few, quoted, and how many more there are; nil when there is none.
  var sample: String? {
    guard !isEmpty else { return nil }
    let shown = prefix(5).map(quoted).joined(separator: ", ")
    return count > 5 ? "\(shown) and \(count - 5) more" : shown
  }
}
