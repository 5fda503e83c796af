// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQTrain

extension TrainingSettings {
  /// The settings that the command line asks for, but for the seed.
  init(_ arguments: ParsedArguments) throws(Failure) {
    self.init()
    task = ModelTask.Kind.allCases.first { $0.name == arguments.string("--task") }
    let targets = try arguments.list("--target")
    if let twice = targets.indices.first(where: { targets[..<$0].contains(targets[$0]) }) {
      throw arguments.bad("--target", targets[twice], "is given twice")
    }
    if !targets.isEmpty { self.targets = targets }
    hidden = try arguments.integers("--hidden", in: 1...65_535)
    guard hidden.count <= Self.mostHiddenLayers else {
      throw arguments.bad(
        "--hidden", arguments.string("--hidden"),
        "names \(hidden.count) layers where at most \(Self.mostHiddenLayers) are allowed")
    }
    if let name = arguments.stringIfGiven("--activation") {
      isGated = name == "swiglu"
      activation = Activation.Kind.allCases.first { $0.name == name }.map { Activation($0) }
    }
    normalization = Normalization(rawValue: arguments.string("--normalization")) ?? .none
    guard !normalizesSingleUnits else {
      throw Failure(
        TrainingError.invalidSetting(.normalization), in: arguments.argument("DATA.csv"))
    }
    isResidual = arguments.flag("--residual")
    dropout = try arguments.number("--dropout", in: 0..<1)
    noise = try arguments.number("--noise", in: 0...1e3)
    loss = LossFunction(rawValue: arguments.string("--loss"))
    outputLayer = LossFunction.OutputLayer(rawValue: arguments.string("--output-layer"))
    labelSmoothing = try arguments.number("--label-smoothing", in: 0..<1)
    temperature = try arguments.number("--temperature", in: 1e-3...1e3)
    optimizer = OptimizerKind(rawValue: arguments.string("--optimizer")) ?? .adamW
    momentum = try arguments.number("--momentum", in: 0..<1)
    guard momentum == 0 || optimizer == .sgd else {
      throw arguments.bad(
        "--momentum", arguments.string("--momentum"), "is for sgd: adam has means of its own",
        hint: "add --optimizer sgd, or leave --momentum out")
    }
    l2 = try arguments.number("--l2", in: 0...1e6)
    clipNorm = try arguments.numberIfGiven("--clip-norm", in: 1e-12...1e12)
    clipValue = try arguments.numberIfGiven("--clip-value", in: 1e-12...1e12)
    accumulation = try arguments.integer("--accumulate", in: 1...Self.mostAccumulation)
    threads = try arguments.integer("--threads", in: 1...Self.mostThreads)
    isReproducible = arguments.flag("--reproducible")
    switch try arguments.list("--class-weights") {
    case []: classWeights = .equal
    case ["balanced"]: classWeights = .balanced
    default: classWeights = .given(try arguments.numbers("--class-weights", in: 0...1e6))
    }
    learningRate = try arguments.numberIfGiven("--learning-rate", in: 1e-12...1e6)
    schedule = Schedule(rawValue: arguments.string("--schedule")) ?? schedule
    weightDecay = try arguments.numberIfGiven("--weight-decay", in: 0...1e6)
    if let weightDecay, weightDecay > 0, optimizer != .adamW {
      throw arguments.bad(
        "--weight-decay", "\(weightDecay)", "is for adamw, which keeps it apart from the gradient",
        hint: "--l2 adds the squared weights to the loss of any optimizer")
    }
    batch = try arguments.integerIfGiven("--batch", in: 1...1_000_000)
    epochs = try arguments.integerIfGiven("--epochs", in: 1...1_000_000)
    patience = try arguments.integer("--patience", in: 1...1_000_000)
    validation = try arguments.number("--validation", in: 0...0.9)
    isTimeOrdered = arguments.flag("--time-ordered")
    missingReadings = MissingReadings(rawValue: arguments.string("--missing")) ?? .refuse
  }
}
