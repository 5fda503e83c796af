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
  /// What is known of the data and the tool, for the model's provenance; the trainer adds its own.
  public var provenance = Provenance()

  /// The defaults.
  public init() {}

  /// The output layer is one more, and a model holds 255.
  public static let mostHiddenLayers = 254
  private static let mostEpochs = 1_000_000

  /// - Throws: ``TrainingError/invalidSetting(_:)``.
  func validate() throws(TrainingError) {
    guard hidden.allSatisfy({ (1...65_535).contains($0) }), hidden.count <= Self.mostHiddenLayers
    else {
      throw .invalidSetting(.hidden)
    }
    if let learningRate, !(learningRate.isFinite && learningRate > 0) {
      throw .invalidSetting(.learningRate)
    }
    if let weightDecay, !(weightDecay.isFinite && weightDecay >= 0) {
      throw .invalidSetting(.weightDecay)
    }
    if let batch, batch <= 0 { throw .invalidSetting(.batch) }
    if let epochs, !(1...Self.mostEpochs).contains(epochs) { throw .invalidSetting(.epochs) }
    guard patience > 0 else { throw .invalidSetting(.patience) }
    guard validation >= 0, validation < 1 else { throw .invalidSetting(.validation) }
    if case .given(let weights) = classWeights {
      guard weights.allSatisfy({ $0.isFinite && $0 >= 0 }), weights.contains(where: { $0 > 0 })
      else { throw .invalidSetting(.classWeights) }
    }
  }
}
