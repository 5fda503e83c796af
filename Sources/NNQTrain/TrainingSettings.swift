// SPDX-License-Identifier: Apache-2.0
public import NNQFormat

/// How a model is trained. What is nil is chosen from the task and the number of rows.
public struct TrainingSettings: Equatable, Sendable {
  /// What is done with a missing reading.
  public enum MissingReadings: String, CaseIterable, Sendable {
    /// It is an error, in training and later.
    case refuse
    /// The mean of the feature's readings stands in for it.
    case mean
    /// The median of the feature's readings stands in for it.
    case median
  }

  /// What brings the values of a layer to one size.
  public enum Normalization: String, CaseIterable, Sendable {
    case none
    /// Over the rows of a batch; folded into the layer before when the model is made.
    case batch
    /// Over the values of a row.
    case layer
  }

  /// How much a row counts by its class.
  public enum ClassWeights: Equatable, Sendable {
    /// All rows alike.
    case equal
    /// Inversely to the number of rows of the class, 1 on average over the rows.
    case balanced
    /// One for each class in the order of the labels; for multilabel the weights of 0 and 1.
    case given([Double])

    /// `equal`, `balanced` or the weights joined by commas.
    var name: String {
      switch self {
      case .equal: "equal"
      case .balanced: "balanced"
      case .given(let weights): weights.map { "\($0)" }.joined(separator: ",")
      }
    }
  }

  /// Nil finds the task in the data: ``DetectedTask``.
  public var task: ModelTask.Kind?
  /// The names of the columns to predict; nil takes what the data set has.
  public var targets: [String]?
  /// The widths of the hidden layers; empty makes a linear model.
  public var hidden: [Int] = [64, 32]
  /// The function of the hidden layers, one of ``Activation/trained``; nil is relu, and tanh for
  /// anomaly.
  public var activation: Activation?
  /// The hidden layers are gated: SwiGLU, a linear unit times the SiLU of another; the activation
  /// is not used.
  public var isGated = false
  /// What comes between a hidden layer's sums and its activation.
  public var normalization = Normalization.none
  /// A hidden layer's input is added to what it gives where both have the same width.
  public var isResidual = false
  /// The share of a hidden layer's values that is 0 in each training step, in 0 ..< 1.
  public var dropout = 0.0
  /// The standard deviation of random numbers that are added to the network's inputs in training,
  /// in standard deviations of each feature.
  public var noise = 0.0
  /// What is made small; nil takes what fits the task.
  public var loss: LossFunction?
  /// What the loss takes; nil takes what fits the loss.
  public var outputLayer: LossFunction.OutputLayer?
  /// What the logits are divided by, above 0: a softmax is the softer the higher it is.
  public var temperature = 1.0
  /// The share of each label that goes to all classes alike, in 0 ..< 1.
  public var labelSmoothing = 0.0
  /// Half of it times the sum of the squared weights is added to the loss.
  public var l2 = 0.0
  /// What turns gradients into steps.
  public var optimizer = OptimizerKind.adamW
  /// The share of its last step that gradient descent keeps, in 0 ..< 1.
  public var momentum = 0.0
  /// The largest norm of a step's gradient; a longer one is shortened.
  public var clipNorm: Double?
  /// The largest size of one number of the gradient.
  public var clipValue: Double?
  /// Batches whose gradients are averaged before a step.
  public var accumulation = 1
  /// Threads; they change no bit of the result.
  public var threads = 1
  /// The same bytes on every CPU: products in a fixed order instead of those of OpenBLAS.
  public var isReproducible = false
  /// How much a row counts by its class.
  public var classWeights = ClassWeights.equal
  /// The base rate, above 0; nil takes what suits the task.
  public var learningRate: Double?
  /// How the learning rate moves.
  public var schedule = Schedule.cosine
  /// The share of a weight that a step of rate 1 would take off, not negative; nil takes what suits
  /// the task and the number of rows.
  public var weightDecay: Double?
  /// Rows a step; nil takes what suits the number of rows.
  public var batch: Int?
  /// The most passes over the rows; nil takes what suits their number.
  public var epochs: Int?
  /// Passes without a better validation loss after which training stops.
  public var patience = 40
  /// The share of the rows that are held back to choose the best pass, in 0 ..< 1.
  public var validation = 0.15
  /// The rows are in the order of time: the last ones are held back.
  public var isTimeOrdered = false
  /// What is done with a missing reading.
  public var missingReadings = MissingReadings.refuse
  /// Decides the rows held back, the first weights and the order of the rows.
  public var seed: UInt64 = 0
  /// The share of the rows not held back that are fitted, above 0 and at most 1; those of a smaller
  /// share are among those of a larger one.
  package var rowShare = 1.0
  /// What is known of the data and the tool, for the model's provenance; the trainer adds its own.
  public var provenance = Provenance()

  /// The defaults.
  public init() {}

  /// The output layer is one more, and a model holds 255.
  public static let mostHiddenLayers = 254
  private static let mostEpochs = 1_000_000
  public static let mostThreads = 64
  public static let mostAccumulation = 1024

  /// Whether a layer norm runs over one value: it gives 0 whatever that is. A gated layer is twice as
  /// wide before its gate.
  package var normalizesSingleUnits: Bool {
    normalization == .layer && !isGated && hidden.contains(1)
  }

  /// - Throws: ``TrainingError/invalidSetting(_:)``.
  func validate() throws(TrainingError) {
    guard hidden.allSatisfy({ (1...65_535).contains($0) }), hidden.count <= Self.mostHiddenLayers
    else {
      throw .invalidSetting(.hidden)
    }
    guard !normalizesSingleUnits else { throw .invalidSetting(.normalization) }
    if let learningRate, !(learningRate.isFinite && learningRate > 0) {
      throw .invalidSetting(.learningRate)
    }
    if let weightDecay, !(weightDecay.isFinite && weightDecay >= 0) {
      throw .invalidSetting(.weightDecay)
    }
    if let batch, batch <= 0 { throw .invalidSetting(.batch) }
    if let epochs, !(1...Self.mostEpochs).contains(epochs) { throw .invalidSetting(.epochs) }
    for (value, setting) in [
      (dropout, TrainingError.Setting.dropout), (momentum, .momentum),
      (labelSmoothing, .labelSmoothing),
    ] {
      guard value >= 0, value < 1 else { throw .invalidSetting(setting) }
    }
    for (value, setting) in [(noise, TrainingError.Setting.noise), (l2, .l2)] {
      guard value.isFinite, value >= 0 else { throw .invalidSetting(setting) }
    }
    guard temperature.isFinite, temperature > 0 else { throw .invalidSetting(.temperature) }
    for (limit, setting) in [(clipNorm, TrainingError.Setting.clipNorm), (clipValue, .clipValue)] {
      if let limit, !(limit.isFinite && limit > 0) { throw .invalidSetting(setting) }
    }
    guard (1...Self.mostAccumulation).contains(accumulation) else {
      throw .invalidSetting(.accumulation)
    }
    guard (1...Self.mostThreads).contains(threads) else { throw .invalidSetting(.threads) }
    guard momentum == 0 || optimizer == .sgd else { throw .invalidSetting(.momentum) }
    guard weightDecay == nil || weightDecay == 0 || optimizer == .adamW else {
      throw .invalidSetting(.weightDecay)
    }
    guard patience > 0 else { throw .invalidSetting(.patience) }
    guard validation >= 0, validation < 1 else { throw .invalidSetting(.validation) }
    if case .given(let weights) = classWeights {
      guard weights.allSatisfy({ $0.isFinite && $0 >= 0 }), weights.contains(where: { $0 > 0 })
      else { throw .invalidSetting(.classWeights) }
    }
  }
}
