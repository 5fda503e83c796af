// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQFormat
import NNQTrain

extension Option {
  /// What a training is of, but for its seed: the table's columns, the network and its steps.
  static let training: [Option] = [
    .list(
      "--target", "COL[,COL]", "The columns to predict",
      initial: .described("those named label... or target...")),
    .ignore, .categorical, .memory,
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
    .value(
      "--threads", "N", "Threads; they change no bit of the model", initial: .value("1")),
    .flag(
      "--reproducible",
      "The same bytes on every kind of CPU, by sums in a fixed order instead of OpenBLAS"),
  ]
}

extension ParsedArguments {
  /// The table that a training takes its rows from.
  ///
  /// - Parameter files: whether the readings may go to a file where memory does not hold them.
  func trainingData(
    _ path: String, _ settings: TrainingSettings, files: Bool = false
  ) throws -> Dataset {
    try Dataset(
      reading: path,
      columns: .training(
        targets: settings.targets ?? [], group: stringIfGiven("--group"),
        excluded: try list("--ignore"), categorical: try list("--categorical"),
        requiresTarget: settings.task != .anomaly),
      limit: try MemoryLimit(self, for: .training(files: files)))
  }
}
