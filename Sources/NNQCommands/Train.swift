// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQFormat
import NNQTrain

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
      .choice(
        "--task", ["auto", "binary", "multiclass", "multilabel", "regression", "anomaly"],
        "What is learnt; auto finds it in the target columns", initial: "auto"),
      .list("--hidden", "N[,N]", "Width of each hidden layer", initial: .value("64,32")),
      Option(
        name: "--activation", kind: .value, metavar: "relu|tanh|sigmoid|identity",
        help: "Function of the hidden layers", initial: .described("relu; tanh for anomaly"),
        allowed: Activation.trained.map(\.name)),
      .list(
        "--class-weights", "balanced|W0,W1,...",
        "Weight of each class in the loss, in the order of the labels",
        initial: .described("all alike")),
      .value(
        "--learning-rate", "R", "Highest step size",
        initial: .described("0.0005; 0.001 for multilabel, 0.003 for regression and anomaly")),
      .choice(
        "--schedule", ["constant", "cosine", "warmup-cosine"],
        "Course of the learning rate", initial: "cosine"),
      .value(
        "--weight-decay", "W", "Decoupled weight decay",
        initial: .described("0.5 to 3 by the rows of each class; 0.1 without classes")),
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
      .flag("--force", "Replace a model.bin that holds something else"),
      .flag("--json", "Print the result as one JSON object"),
    ],
    discussion: [
      "The model file carries all that quantize and predict need: the features' names and scaling,"
        + " labels, threshold and a sample of the training rows. The same rows, settings and seed"
        + " give the same bytes."
    ],
    examples: [
      Example("nnq train motor.csv", "Learn to predict the column label and write model.bin"),
      Example(
        "nnq train plant.csv -o plant.bin --target PE --task regression --hidden 32,32",
        "Fit a regression with two layers of 32"),
      Example(
        "nnq train tank.csv --counts level=0.25:-10@0..4095 --unit level=cm",
        "Declare a 12-bit sensor: level = 0.25 cm * count - 10 cm"),
    ]
  ) { arguments, console in
    let path = arguments.argument("DATA.csv")
    let output = OutputFile(arguments, defaultPath: "model.bin")
    try output.checkWritable()
    if let caution = output.caution { console.warn(caution) }
    var settings = try TrainingSettings(arguments)
    let isAnomaly = settings.task == .anomaly
    let data = try Dataset(
      reading: path,
      columns: .training(
        targets: settings.targets ?? [], group: arguments.stringIfGiven("--group"),
        requiresTarget: !isAnomaly))
    settings.provenance["tool-version"] = Version.current
    let declared = try FeatureDeclarations(arguments, features: data.featureNames)

    let task = try naming(path) {
      try DetectedTask(in: data, kind: settings.task, targets: settings.targets)
    }
    console.note(
      "\(path): \(data.rows) rows, \(data.featureNames.count) features; \(task.sentence(data))")
    if let names = data.leftOut.sample {
      console.note("\(path): named like a target and not asked for, so left out: \(names)")
    }
    let epochs = settings.epochs ?? Trainer.mostEpochs
    var progress = Progress("epoch", total: epochs, on: console)
    var result = try naming(path) {
      try Trainer(settings: settings).train(data, groups: data.group?.labels) { report in
        progress.update(report.epoch, report.line)
        return true
      }
    }
    progress.finish()
    declared.apply(to: &result.model.features)
    let bytes = try naming(output.path) { try Model.float(result.model).serialized() }
    try output.write(bytes)
    if let names = result.constantFeatures.sample {
      console.warn("features that never change in the fitted rows: \(names)")
    }
    if let caution = FeatureDeclarations.caution(result.model) { console.warn(caution) }
    if output.isStandardOutput { return .success }
    let summary = TrainingSummary(
      result: result, path: output.path, fileBytes: bytes.count,
      identity: try naming(output.path) { try Model.float(result.model).identity() })
    if arguments.flag("--json") {
      try console.print(summary.json)
    } else {
      try console.write(summary.text(style: console.style))
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

extension TrainingSettings {
  fileprivate init(_ arguments: ParsedArguments) throws(Failure) {
    self.init()
    task = ModelTask.Kind.allCases.first { $0.name == arguments.string("--task") }
    let targets = try arguments.list("--target")
    if let twice = targets.indices.first(where: { targets[..<$0].contains(targets[$0]) }) {
      throw arguments.bad("--target", targets[twice], "is given twice")
    }
    if !targets.isEmpty { self.targets = targets }
    hidden = try arguments.integers("--hidden", in: 1...65_535)
    guard hidden.count <= Self.mostHiddenLayers else {
      throw arguments.bad(
        "--hidden", arguments.string("--hidden"),
        "names \(hidden.count) layers where at most \(Self.mostHiddenLayers) are allowed")
    }
    if let name = arguments.stringIfGiven("--activation") {
      activation = Activation.trained.first { $0.name == name }
    }
    switch try arguments.list("--class-weights") {
    case []: classWeights = .equal
    case ["balanced"]: classWeights = .balanced
    default: classWeights = .given(try arguments.numbers("--class-weights", in: 0...1e6))
    }
    learningRate = try arguments.numberIfGiven("--learning-rate", in: 1e-12...1e6)
    schedule = Schedule(rawValue: arguments.string("--schedule")) ?? schedule
    weightDecay = try arguments.numberIfGiven("--weight-decay", in: 0...1e6)
    batch = try arguments.integerIfGiven("--batch", in: 1...1_000_000)
    epochs = try arguments.integerIfGiven("--epochs", in: 1...1_000_000)
    patience = try arguments.integer("--patience", in: 1...1_000_000)
    validation = try arguments.number("--validation", in: 0...0.9)
    isTimeOrdered = arguments.flag("--time-ordered")
    missingReadings = MissingReadings(rawValue: arguments.string("--missing")) ?? .refuse
    seed = UInt64(try arguments.integer("--seed", in: 0...Int.max))
  }
}

extension EpochReport {
  /// What is said of a pass while training goes on.
  fileprivate var line: String {
    var parts = ["loss \(Format.significant(trainLoss, digits: 4))"]
    if let validationLoss {
      parts.append("validation \(Format.significant(validationLoss, digits: 4))")
    }
    if let validationMetric {
      parts.append(
        "\(validationMetric.name.rawValue) \(Format.significant(validationMetric.value, digits: 4))"
      )
    }
    parts.append("\(Int(rowsPerSecond)) rows/s")
    return parts.joined(separator: "  ")
  }
}

extension DetectedTask {
  /// What is to be learnt and why, for people.
  fileprivate func sentence(_ data: Dataset) -> String {
    let names = targets.map { quoted(data.targets[$0].name) }.joined(separator: ", ")
    let head = names.isEmpty ? "task \(kind.name)" : "task \(kind.name), target \(names)"
    return switch reason {
    case .asked where kind == .anomaly && !targets.isEmpty:
      "\(head), as asked; the rows \(quoted(labels[0])) are normal, as most are"
    case .asked: "\(head), as asked"
    case .noTarget: "\(head): there is no target column"
    case .labelColumns(let count): "\(head): \(count) columns of 0 and 1"
    case .oneClass(let label): "\(head): all rows are \(quoted(label))"
    case .twoClasses(let negative, let positive):
      "\(head): \(quoted(negative)) or \(quoted(positive))"
    case .classes(let count): "\(head): \(count) classes"
    case .numbers: "\(head): numbers"
    }
  }
}
