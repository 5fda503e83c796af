// SPDX-License-Identifier: Apache-2.0

extension Command {
  static let quantize = Command(
    name: "quantize", summary: "Turn a float model into an int8 model",
    arguments: [Argument(name: "MODEL", help: "A float model")],
    options: [
      .file(
        "-o", "FILE", "Write the int8 model here",
        initial: .described("model.int8.bin for model.bin")),
      .file(
        "--calibrate", "DATA.csv", "Rows to calibrate with",
        initial: .described("those in the model")),
      .choice("--output", ["8", "16"], "Bits of the output codes", initial: "16"),
      .choice(
        "--input-scale", ["auto", "feature", "tensor"],
        "One input scale for each feature or one for all; auto measures both", initial: "auto"),
      .choice(
        "--calibration", ["margin", "minmax"],
        "Ranges of the codes: the extremes seen, with or without a margin", initial: "margin"),
      .flag("--force", "Replace a default output file that holds something else"),
      .flag("--json", "Print the report as one JSON object"),
    ],
    examples: [
      Example("nnq quantize model.bin", "Write model.int8.bin"),
      Example(
        "nnq quantize model.bin -o small.bin --output 8 --calibrate field.csv",
        "Calibrate with rows from the field and hand on 8-bit codes"),
    ]
  ) { arguments, console in
    throw Failure.notBuilt(arguments.command)
  }
}
