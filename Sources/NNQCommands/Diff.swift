// SPDX-License-Identifier: Apache-2.0

extension Command {
  static let diff = Command(
    name: "diff", summary: "Compare the outputs of two models row by row",
    arguments: [
      Argument(name: "A", help: "A float or int8 model, the one to compare with"),
      Argument(name: "B", help: "A float or int8 model"),
      Argument(
        name: "DATA.csv", help: "Rows to run; those in the models when left out",
        count: .optional),
    ],
    options: [
      .value("--max-flips", "SHARE", "Exit with 1 when more decisions differ, for example 0.2%"),
      .flag("--json", "Print the comparison as one JSON object"),
    ],
    examples: [
      Example("nnq diff model.bin model.int8.bin", "Show what quantization changed"),
      Example(
        "nnq diff model.bin model.int8.bin test.csv --max-flips 0.2%",
        "Fail a build when more than 0.2 % of the decisions change"),
    ]
  ) { arguments, console in
    throw Failure.notBuilt(arguments.command)
  }
}
