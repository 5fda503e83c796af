// SPDX-License-Identifier: Apache-2.0
import NNQFormat

extension Option {
  /// What `eval` looks into beyond the metrics.
  static let evaluation: [Option] = [
    .flag(
      "--details",
      "Print each class, the confusion matrix and the reliability of the probabilities too"),
    .value(
      "--slice", "COL",
      "Measure each group of rows that are equal in this column, a feature or any other; a column"
        + " of many numbers is parted into four ranges"),
    .list(
      "--cost", "fp=COST,fn=COST",
      "Choose the threshold at which wrong alarms (fp) and misses (fn) cost least on these rows",
      excludes: ["--fit-temperature"]),
    .flag(
      "--fit-temperature",
      "Divide the logits by the number that makes the probabilities fit these rows best",
      excludes: ["--cost"]),
    .flag(
      "--importance",
      "Shuffle the readings of one feature after the other and print how much worse the model gets"),
    .value(
      "--repeats", "N", "Shuffles of each feature",
      initial: .described("5, fewer for very large tables")),
    changedModel,
    .value(
      "--resamples", "N", "Draws of the rows that the bootstrap intervals rest on",
      initial: .described("1000, fewer for very large tables")),
    .value("--seed", "S", "Seed of those draws and shuffles", initial: .value("0")),
  ]

  private static var changedModel: Option {
    var option = file(
      "-o", "FILE", "Write the model with the threshold or the temperature here")
    option.isBesideResults = true
    return option
  }
}

/// What the command line asks of `eval` beyond the metrics.
struct EvaluationOptions {
  let cost: Cost?
  let fitsTemperature: Bool
  let output: String?
  let resamples: Int?
  let seed: UInt64
  let wantsImportance: Bool
  let repeats: Int?

  /// - Throws: a usage ``Failure`` for what does not go with the task or with each other.
  init(_ arguments: ParsedArguments, task: ModelTask.Kind) throws(Failure) {
    cost = try Cost(arguments)
    fitsTemperature = arguments.flag("--fit-temperature")
    output = arguments.stringIfGiven("-o")
    resamples = try arguments.integerIfGiven("--resamples", in: 0...1_000_000)
    seed = UInt64(try arguments.integer("--seed", in: 0...Int.max))
    wantsImportance = arguments.flag("--importance")
    repeats = try arguments.integerIfGiven("--repeats", in: 2...1000)
    if let repeats, !wantsImportance {
      throw arguments.bad("--repeats", "\(repeats)", "is for --importance")
    }
    if cost != nil, task == .multiclass || task == .regression {
      throw arguments.bad("--cost", task.name, "is a task without a threshold")
    }
    if fitsTemperature, task == .anomaly || task == .regression {
      throw arguments.command.usageFailure(
        "--fit-temperature: the task \(task.name) has no probabilities")
    }
    if let output, cost == nil, !fitsTemperature {
      throw arguments.bad(
        "-o", output, "has nothing to hold",
        hint: "a model is written with --cost or --fit-temperature")
    }
  }
}
