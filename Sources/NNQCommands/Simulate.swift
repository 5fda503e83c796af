// SPDX-License-Identifier: Apache-2.0

extension Command {
  static let simulate = Command(
    name: "simulate", summary: "Write sensor data of a machine with known faults",
    arguments: [
      Argument(name: "MACHINE", help: "One of", allowed: ["motor"], completion: .nothing)
    ],
    options: [
      .file("-o", "FILE", "Write the table here as CSV; - is standard output", isRequired: true),
      .value("--rows", "N", "Number of rows", initial: .value("4000")),
      .value("--seed", "S", "Seed of the random numbers", initial: .value("0")),
    ],
    discussion: [
      "The rows are short windows of a motor's vibration, temperature and current, labelled normal,"
        + " bearing, imbalance or misalignment. The same rows and seed give the same bytes."
    ],
    examples: [
      Example("nnq simulate motor -o motor.csv", "Write a table to train on"),
      Example(
        "nnq simulate motor -o test.csv --rows 1000 --seed 1", "Write other rows to test on"),
    ]
  ) { arguments, console in
    throw Failure.notBuilt(arguments.command)
  }
}
