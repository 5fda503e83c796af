// SPDX-License-Identifier: Apache-2.0

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
        initial: .described("the last column")),
      .choice(
        "--task", ["auto", "binary", "multiclass", "multilabel", "regression", "anomaly"],
        "What is learnt; auto decides by the target's cells", initial: "auto"),
      .list("--hidden", "N[,N]", "Width of each hidden layer", initial: .value("64,32")),
      .choice(
        "--activation", ["relu", "tanh", "sigmoid", "identity"],
        "Function of the hidden layers", initial: "relu"),
      .list(
        "--class-weights", "balanced|W0,W1,...",
        "Weight of each class in the loss, in the order of the labels",
        initial: .described("all alike")),
      .value("--learning-rate", "R", "Highest step size", initial: .value("0.001")),
      .choice(
        "--schedule", ["constant", "cosine", "warmup-cosine"],
        "Course of the learning rate", initial: "cosine"),
      .value("--weight-decay", "W", "Decoupled weight decay", initial: .value("0.01")),
      .value("--batch", "N", "Rows a step", initial: .value("128")),
      .value("--epochs", "N", "Most passes over the training rows", initial: .value("100")),
      .value(
        "--patience", "N", "Stop after so many epochs without a better validation loss",
        initial: .value("30")),
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
          + " -32768..32767 unless said otherwise",
        isRepeatable: true),
      .list("--unit", "NAME=UNIT", "Unit of a column, for example rms_x=mm/s", isRepeatable: true),
      .value("--seed", "S", "Seed of all random numbers", initial: .value("0")),
      .value("--threads", "N", "Threads of the matrix products", initial: .value("1")),
      .flag("--force", "Replace a model.bin that holds something else"),
      .flag("--json", "Print the result as one JSON object"),
    ],
    discussion: [
      "The model file carries all that quantize and predict need: the features' names and scaling,"
        + " labels, threshold and a sample of the training rows. The same rows, settings and seed"
        + " give the same bytes."
    ],
    examples: [
      Example("nnq train motor.csv", "Predict the last column and write model.bin"),
      Example(
        "nnq train plant.csv -o plant.bin --target PE --task regression --hidden 32,32",
        "Fit a regression with two layers of 32"),
      Example(
        "nnq train motor.csv --counts rms_x=0.00061:0@-32768..32767 --unit rms_x=g",
        "Declare how a sensor counts"),
    ]
  ) { arguments, console in
    throw Failure.notBuilt(arguments.command)
  }
}
