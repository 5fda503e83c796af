// SPDX-License-Identifier: Apache-2.0
public import NNQFormat
import NNQFiles

/// What a state counts, all of it fixed by the model, so that every shard has the same bins.
public struct StateLayout: Equatable, Sendable {
  /// The model's ``NNQFormat/Model/identity()``.
  public let model: String
  /// The SHA-256 of the model's features: names, units, scaling, missing values and counts.
  public let featureDigest: String
  public let task: ModelTask.Kind
  /// The bits of input and output codes; nil for a float model.
  public let widths: Widths?
  /// In the model's order.
  public let features: [StateQuantity]
  /// Binary, multiclass, anomaly: one. Multilabel, regression: one a target.
  public let scores: [StateQuantity]
  /// What is counted of the decisions: the labels, the targets of a multilabel task, or nothing.
  public let verdicts: [String]

  public struct Widths: Equatable, Sendable {
    public let input: CodeWidth
    public let output: CodeWidth

    package init(input: CodeWidth, output: CodeWidth) {
      self.input = input
      self.output = output
    }
  }

  package init(
    model: String, featureDigest: String, task: ModelTask.Kind, widths: Widths?,
    features: [StateQuantity], scores: [StateQuantity], verdicts: [String]
  ) {
    self.model = model
    self.featureDigest = featureDigest
    self.task = task
    self.widths = widths
    self.features = features
    self.scores = scores
    self.verdicts = verdicts
  }

  /// The bins for a model.
  ///
  /// - Throws: ``StateError/noFeatures`` for a flat image, ``StateError/envelope(_:)`` for a model
  ///   that could not be written.
  public init(_ model: Model) throws(StateError) {
    let features: [Feature]
    let task: ModelTask
    let statistics: FeatureStatistics?
    let widths: Widths?
    switch model {
    case .image: throw .noFeatures
    case .float(let model):
      (features, task, statistics, widths) = (model.features, model.task, model.statistics, nil)
    case .int8(let model):
      (features, task, statistics) = (model.features, model.task, model.statistics)
      widths = Widths(input: model.image.inputWidth, output: model.image.outputWidth)
    }
    do throws(ModelFormatError) {
      let payload = try model.sections().first { $0.known == .features }?.payload ?? []
      self.init(
        model: try model.identity(), featureDigest: SHA256.hex(payload), task: task.kind,
        widths: widths, features: Self.quantities(features, statistics),
        scores: Self.scores(model, task), verdicts: Self.verdicts(task))
    } catch {
      throw .envelope(error)
    }
  }

  private static func quantities(
    _ features: [Feature], _ statistics: FeatureStatistics?
  ) -> [StateQuantity] {
    features.enumerated().map { index, feature in
      guard let statistics else {
        return StateQuantity(
          name: feature.name,
          edges: ascending(
            spread.map { Double(Float(feature.offset + $0 * feature.scale)) }))
      }
      return StateQuantity(
        name: feature.name, probabilities: statistics.probabilities,
        quantiles: statistics.quantiles[index])
    }
  }

  /// Where the edges of a model without quantiles lie, in standard deviations from the mean.
  private static let spread: [Double] = [
    -8, -4, -3, -2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2, 3, 4, 8,
  ]

  private static func verdicts(_ task: ModelTask) -> [String] {
    switch task.kind {
    case .binary, .multiclass, .anomaly: task.labels
    case .multilabel: task.targets
    case .regression: []
    }
  }
}

/// The finite numbers without repetitions; 0 alone when none is left.
func ascending(_ edges: [Double]) -> [Double] {
  var kept: [Double] = []
  for edge in edges.filter(\.isFinite).sorted() where kept.last != edge { kept.append(edge) }
  return kept.isEmpty ? [0] : kept
}
