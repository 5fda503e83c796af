// SPDX-License-Identifier: Apache-2.0

extension Command {
  static let predict = Command(
    name: "predict", summary: "Print one line of results for each row",
    arguments: [
      Argument(name: "MODEL", help: "A float or int8 model"),
      Argument(
        name: "DATA.csv", help: "The rows; standard input when it is - or left out",
        count: .optional),
    ],
    options: [
      .file("-o", "FILE", "Write the lines here; - is standard output", initial: .value("-")),
      .flag("--codes", "Answer with the output codes of an int8 model"),
      .flag("--counts", "The rows hold raw sensor counts, as on a device"),
      .flag("--json", "Print one JSON object a line"),
    ],
    discussion: [
      "A row is answered as soon as it is read. When the reader of the results goes away, as head"
        + " does, predict ends quietly with exit code 0."
    ],
    examples: [
      Example("nnq predict model.int8.bin field.csv -o results.csv", "Predict a table"),
      Example("sensor | nnq predict model.int8.bin - --json", "Answer readings as they come"),
      Example(
        "nnq predict model.int8.bin codes.npy --codes -o out.npy",
        "Compare another runtime code by code"),
    ]
  ) { arguments, console in
    throw Failure.notBuilt(arguments.command)
  }
}
