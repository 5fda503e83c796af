// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQTrain
import NNQWords

extension Failure {
  /// Why a model cannot be trained, as a sentence; rows are counted from 1 here.
  init(_ error: TrainingError, in path: String) {
    switch error {
    case .invalidSetting(.classWeights):
      self.init(
        .usage,
        "train: --class-weights takes one weight for each class, not all 0, and none without classes",
        hint: "inspect shows the order of the labels")
    case .mismatch(let task, let loss, let output, let right):
      let asked = [
        loss.map { "--loss \($0.rawValue)" }, output.map { "--output-layer \($0.rawValue)" },
      ]
      let pairs = right.map {
        "--loss \($0.loss.rawValue) with --output-layer \($0.output.rawValue)"
      }
      self.init(
        .usage,
        "train: \(asked.compactMap { $0 }.joined(separator: " with ")) does not fit the task "
          + "\(task.name), which takes \(pairs.joined(separator: ", or "))",
        hint: "bce and cross-entropy take logits: the model's outputs before sigmoid or softmax")
    case .invalidSetting(.labelSmoothing):
      self.init(.usage, "train: --label-smoothing fits classes alone")
    case .invalidSetting(.temperature):
      self.init(.usage, "train: --temperature fits classes alone")
    case .invalidSetting(.normalization):
      self.init(
        .usage,
        "train: --normalization layer takes hidden layers of 2 units or more: over one it gives 0",
        hint: "widen the layers of --hidden that are 1")
    case .invalidSetting(let setting):
      self.init(.usage, "the setting \(setting.rawValue) has no meaning")
    case .noFeatures: self.init(.badInput, "\(path): no feature is left")
    case .tooManyParameters(let found, let limit):
      self.init(
        .usage, "a network of \(found) parameters where at most \(limit) are allowed",
        hint: "narrow the layers of --hidden")
    case .tooFewRows(let found, let needed):
      self.init(.badInput, "\(path): rows: \(found), and training needs at least \(needed)")
    case .unknownTarget(let name):
      self.init(.badInput, "\(path): no column \(quoted(name))")
    case .noTarget:
      self.init(
        .badInput, "\(path): there is no target column", hint: "name it with --target")
    case .ambiguousTargets(let labels, let targets):
      self.init(
        .usage,
        "\(path): both labels (\(labels.joined(separator: ", "))) and targets "
          + "(\(targets.joined(separator: ", "))) stand in the table",
        hint: "say with --target which are meant")
    case .severalTargets(let names, let task):
      self.init(
        .usage,
        "\(path): \(names.count) target columns (\(names.joined(separator: ", "))) where "
          + "\(task.name) takes one",
        hint: "name one with --target, or use --task multilabel for columns of 0 and 1")
    case .tooManyClasses(let target, let limit, let areNumbers):
      self.init(
        .badInput, "\(path): column \(quoted(target)): more than \(limit) classes",
        hint: limit == 2 ? "--task multiclass takes more" : Self.hintForClasses(areNumbers))
    case .oneClass(let target, let label):
      self.init(
        .badInput, "\(path): column \(quoted(target)): all rows are \(quoted(label))",
        hint: "--task anomaly learns from normal rows alone")
    case .moreClassesThanRows(let target, let classes, let rows, let areNumbers):
      self.init(
        .badInput,
        "\(path): column \(quoted(target)): \(classes) classes where only \(rows) rows are fitted",
        hint: Self.hintForClasses(areNumbers))
    case .notZeroOrOne(let target, let row):
      self.init(
        .badInput, "\(path): row \(row + 1): column \(quoted(target)): neither 0 nor 1")
    case .notANumber(let target, let row):
      self.init(
        .badInput, "\(path): row \(row + 1): column \(quoted(target)): not a finite number")
    case .constantTarget(let name):
      self.init(.badInput, "\(path): column \(quoted(name)): the target never changes")
    case .missingReading(let feature, let row):
      self.init(
        .badInput, "\(path): row \(row + 1): column \(quoted(feature)): the reading is missing",
        hint: "--missing mean or --missing median allows that")
    case .infiniteReading(let feature, let row):
      self.init(
        .badInput, "\(path): row \(row + 1): column \(quoted(feature)): the reading is infinite")
    case .featureWithoutReadings(let name):
      self.init(
        .badInput, "\(path): column \(quoted(name)): no reading in the fitted rows",
        hint: "leave the column out with --ignore")
    case .noChangingFeature:
      self.init(
        .badInput,
        "\(path): no feature changes in the fitted rows, so that none can tell the target"
      )
    case .oneGroup:
      self.init(
        .badInput, "\(path): all rows are of one group, so that none can be held back",
        hint: "leave --group out")
    case .file(let error): self.init(error)
    case .checkpoint(let error): self.init(error, in: path)
    case .diverged(let epoch, let learningRate, let cause):
      self.init(
        .badInput,
        "\(path): training diverged in epoch \(epoch): \(cause.words)",
        hint: "try --learning-rate \(Format.significant(learningRate / 10, digits: 2))")
    }
  }
}

extension Failure {
  /// What to do about a target of too many classes.
  private static func hintForClasses(_ areNumbers: Bool) -> String {
    areNumbers
      ? "numbers are predicted with --task regression"
      : "text that is another one in nearly every row is no class: name the target with --target"
  }
}

extension TrainingError.Divergence {
  /// What happened, after a colon.
  fileprivate var words: String {
    switch self {
    case .weights: "not finite: the weights"
    case .outputs: "not finite: the outputs"
    case .loss: "the loss grew a million times"
    }
  }
}
