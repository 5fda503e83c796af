// SPDX-License-Identifier: Apache-2.0

extension Command {
  static let eval = Command(
    name: "eval", summary: "Measure how well a model predicts labelled rows",
    arguments: [
      Argument(name: "MODEL", help: "A float or int8 model"),
      Argument(name: "DATA.csv", help: "Rows with the target columns"),
    ],
    options: [
      .list(
        "--min", "METRIC=VALUE", "Exit with 1 when the metric is below the value",
        isRepeatable: true),
      .list(
        "--max", "METRIC=VALUE", "Exit with 1 when the metric is above the value",
        isRepeatable: true),
      .list(
        "--target", "COL[,COL]", "The columns that hold the truth",
        initial: .described("those that the model names")),
      .flag("--json", "Print the metrics as one JSON object"),
    ],
    discussion: [
      "An int8 model runs in the C runtime that a device runs, so the metrics are the device's."
    ],
    examples: [
      Example("nnq eval model.int8.bin test.csv", "Print the metrics of the int8 model"),
      Example(
        "nnq eval model.int8.bin test.csv --min accuracy=0.95 --min macro_f1=0.9",
        "Fail a build when the model is not good enough"),
    ]
  ) { arguments, console in
    throw Failure.notBuilt(arguments.command)
  }
}
