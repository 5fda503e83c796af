// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQFiles

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
      "The rows are short windows of a motor's vibration, temperature and current, labelled healthy,"
        + " imbalance, misalignment, bearing_outer or bearing_inner. The same rows and seed give the same bytes."
    ],
    examples: [
      Example("nnq simulate motor -o motor.csv", "Write a table to train on"),
      Example(
        "nnq simulate motor -o test.csv --rows 1000 --seed 1", "Write other rows to test on"),
    ]
  ) { arguments, console in
    let rows = try arguments.integer("--rows", in: 1...100_000_000)
    let seed = try arguments.integer("--seed", in: 0...Int.max)
    let path = arguments.string("-o")
    try naming(path) {
      var file = try AtomicFile(path)
      try MotorSimulator(seed: UInt64(seed)).write(rows: rows, to: &file)
      try file.commit()
    }
    if path != "-" {
      console.note(
        "\(path): \(rows) rows, \(MotorSimulator.featureNames.count) features, labels "
          + MotorSimulator.classes.joined(separator: ", "))
    }
    return .success
  }
}
