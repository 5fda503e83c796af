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
      .file("-o", "FILE", "Write the model here", initial: .value("model.bin")),
      .list(
        "--target", "COL[,COL]", "The columns to predict",
        initial: .described("those named label... or target...")),
      .ignore, .categorical,
      .value(
        "--memory", "SIZE", "Refuse a table that takes more than this, for example 500M or 2G",
        initial: .described("the memory that is available")),
      .choice(
        "--task", ["auto", "binary", "multiclass", "multilabel", "regression", "anomaly"],
        "What is learnt; auto finds it in the target columns", initial: "auto"),
      .list("--hidden", "N[,N]", "Width of each hidden layer", initial: .value("64,32")),
      Option(
        name: "--activation", kind: .value,
        metavar: "relu|leaky-relu|sigmoid|tanh|gelu|gelu-tanh|silu|swiglu|...",
        help: "Function of the hidden layers; swiglu is a gate of twice the width",
        initial: .described("relu; tanh for anomaly"),
        allowed: Activation.Kind.allCases.map(\.name) + ["swiglu"]),
      .choice(
        "--normalization", TrainingSettings.Normalization.allCases.map(\.rawValue),
        "Brings the sums of each hidden layer to one size: over the rows of a batch, which costs"
          + " nothing in use, or over the values of a row", initial: "none"),
      .flag("--residual", "Add a hidden layer's input to what it gives where the widths are equal"),
      .value(
        "--dropout", "P", "Share of each hidden layer's values that is 0 in a training step",
        initial: .value("0")),
      .value(
        "--noise", "S",
        "Random numbers added to the inputs in training, in standard deviations of each feature",
        initial: .value("0")),
      .choice(
        "--loss", ["auto"] + LossFunction.allCases.map(\.rawValue),
        "What is made small; auto is mse for numbers, bce for two classes or several labels,"
          + " cross-entropy for more classes", initial: "auto"),
      .choice(
        "--output-layer", ["auto"] + LossFunction.OutputLayer.allCases.map(\.rawValue),
        "What the loss is given; auto is what it takes: log-softmax for nll, else identity, for the"
          + " entropies take logits", initial: "auto"),
      .list(
        "--class-weights", "balanced|W0,W1,...",
        "Weight of each class in the loss, in the order of the labels",
        initial: .described("all alike")),
      .value(
        "--label-smoothing", "E", "Share of each label that goes to all classes alike",
        initial: .value("0")),
      .value(
        "--temperature", "T", "What the logits are divided by, in training and in the model",
        initial: .value("1")),
      .choice(
        "--optimizer", OptimizerKind.allCases.map(\.rawValue),
        "What turns gradients into steps", initial: "adamw"),
      .value(
        "--momentum", "M", "Share of its last step that sgd keeps", initial: .value("0")),
      .value(
        "--learning-rate", "R", "Highest step size",
        initial: .described(
          "0.0005; 0.001 for multilabel, 0.003 for regression and anomaly, 0.01 for sgd")),
      .choice(
        "--schedule", Schedule.allCases.map(\.rawValue),
        "Course of the learning rate; step takes a tenth after each third", initial: "cosine"),
      .value(
        "--weight-decay", "W", "Decay of the weights apart from the gradient, with adamw alone",
        initial: .described("0.5 to 3 by the rows of each class; 0.1 without classes")),
      .value(
        "--l2", "W", "Adds W / 2 times the sum of the squared weights to the loss",
        initial: .value("0")),
      .value("--clip-norm", "N", "Shorten a step's gradient to this length"),
      .value("--clip-value", "V", "Limit each number of the gradient to this size"),
      .value(
        "--accumulate", "N", "Average the gradients of so many batches before a step",
        initial: .value("1")),
      .value(
        "--batch", "N", "Rows a step", initial: .described("32 to 128, by the number of rows")),
      .value(
        "--epochs", "N", "Most passes over the training rows",
        initial: .described("50 to 150, by the number of rows")),
      .value(
        "--patience", "N", "Stop after so many epochs without a better validation loss",
        initial: .value("40")),
      .value(
        "--validation", "SHARE", "Share of the rows that is held back for validation",
        initial: .value("0.15")),
      .flag(
        "--time-ordered", "Hold back the last rows instead of random ones",
        excludes: ["--group"]),
      .value(
        "--group", "COL", "Hold back whole groups: rows that are equal in this column",
        excludes: ["--time-ordered"]),
      .choice(
        "--missing", ["refuse", "mean", "median"],
        "What a missing reading becomes, in training and in use", initial: "refuse"),
      .list(
        "--counts", "NAME=UNIT_PER_COUNT[:ZERO_VALUE][@MIN..MAX]",
        "How a column's sensor counts, for devices that hand over raw integers; counts are"
          + " -32768..32767 unless said otherwise, and the name * is for all other columns",
        isRepeatable: true),
      .list(
        "--unit", "NAME=UNIT", "Unit of a column, for example rms_x=mm/s; * as above",
        isRepeatable: true),
      .value("--seed", "S", "Seed of all random numbers", initial: .value("0")),
      .value(
        "--threads", "N", "Threads; they change no bit of the model", initial: .value("1")),
      .flag(
        "--reproducible",
        "The same bytes on every kind of CPU, by sums in a fixed order instead of OpenBLAS"),
      .file("--checkpoint", "FILE", "Write after each pass where the training stands"),
      .file(
        "--resume", "FILE",
        "Go on from a checkpoint of the same data and settings; the model is the same to the byte"),
      .file(
        "--log", "FILE.jsonl",
        "Write one JSON object for each pass: losses, metric, rate, rows a second, and for each"
          + " layer its values, dead and saturated units, gradient, parameters and update ratio"),
      .report("the course of the training and what it made of the rows held back"),
      .quantizeAware,
      .flag(
        "--check-gradients",
        "Train nothing: compare the gradient with finite differences of the loss in binary64",
        excludes: ["--quantize-aware"]),
      .value(
        "--overfit", "N", "Train no model: see whether the network learns N rows by heart",
        excludes: ["--quantize-aware"]),
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
    let aware = try quantizeAware(arguments, settings)
    let isAnomaly = settings.task == .anomaly
    let data = try Dataset(
      reading: path,
      columns: .training(
        targets: settings.targets ?? [], group: arguments.stringIfGiven("--group"),
        excluded: try arguments.list("--ignore"), categorical: try arguments.list("--categorical"),
        requiresTarget: !isAnomaly),
      limit: try MemoryLimit(arguments))
    settings.provenance["tool-version"] = Version.current
    let declared = try FeatureDeclarations(arguments, features: data.featureNames)

    let task = try naming(path) {
      try DetectedTask(in: data, kind: settings.task, targets: settings.targets)
    }
    console.note(
      "\(path): \(data.rows) rows, \(data.featureNames.count) features; \(task.sentence(data))")
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
    var log = try arguments.stringIfGiven("--log").map { try TrainLog($0) }
    let resumed = try arguments.stringIfGiven("--resume").map { try readCheckpoint($0) }
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
            do { try log?.write(report) } catch { failure = error }
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
    try output.write(bytes)
    if let names = result.constantFeatures.sample {
      console.warn("features that never change in the fitted rows: \(names)")
    }
    if let caution = FeatureDeclarations.caution(result.model) { console.warn(caution) }
    for symptom in result.symptoms { console.warn(symptom.sentence) }
    let summary = TrainingSummary(
      result: result, tuned: tuned, path: output.path, fileBytes: bytes.count,
      identity: try naming(output.path) { try Model.float(result.model).identity() })
    if let reportPath {
      let heldBack = try Outcomes.heldBack(data, settings, result.model, of: path)
      try Page(summary, curves, heldBack: heldBack, of: path).write(to: reportPath, console)
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
