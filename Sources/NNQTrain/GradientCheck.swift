// SPDX-License-Identifier: Apache-2.0
public import NNQData
internal import NNQLinalg

/// The gradient by the chain rule against the finite differences of the loss, both in binary64.
public struct GradientCheck: Equatable, Sendable {
  /// The network's parameters and how many of them were looked at.
  public var parameters: Int
  public var checked: Int
  /// The largest difference, relative to the finite difference or to the gradient's root mean
  /// square, whichever is larger.
  public var largestError: Double
  /// The operation whose parameter showed it, from 0.
  public var layer: Int

  /// Above this the two are not the same function's.
  public static let limit = 1e-6
  public var isPassed: Bool { largestError <= Self.limit }
}

extension Trainer {
  /// The rows that the loss is a mean over; parameters of a larger network are sampled.
  private static let checkedRows = 16
  private static let mostChecked = 1000

  /// Checks the gradient of the network that training would start with, on its first rows.
  ///
  /// Dropout draws the same numbers for all losses that are compared. Where a difference is too
  /// large it is taken once more a hundred times narrower: a relu may bend in between.
  public func checkGradients(
    _ data: Dataset, groups: [Int32]? = nil
  ) throws(TrainingError) -> GradientCheck {
    try settings.validate()
    let prepared = try PreparedData(
      data, groups: groups ?? data.group?.labels, settings: settings)
    var random = RandomSource(seed: settings.seed, stream: 1)
    let network: Network<Double> = Network<Float>(prepared.architecture, using: &random)
      .copy(as: Double.self)
    let rows = prepared.fitted.prefix(Self.checkedRows)
    let step = GradientStep(
      network, loss: prepared.loss, rows: rows.count, targetColumns: prepared.answers.columns,
      method: .fixedOrder)
    func loss() -> Double {
      step.run(
        rows, inputs: prepared.inputs, answers: prepared.answers,
        pass: .training(seed: settings.seed, step: 0))
    }
    _ = loss()
    let gradient = step.gradient.elements
    let count = gradient.count
    let size = max(
      (step.gradient.sumOfSquares / Double(max(count, 1))).squareRoot(),
      .leastNormalMagnitude)
    var places = Array(0..<count)
    if count > Self.mostChecked {
      random.shuffle(&places)
      places = Array(places.prefix(Self.mostChecked)).sorted()
    }
    func error(at place: Int, width: Double) -> Double {
      let parameter = network.parameters[place]
      defer { network.parameters[place] = parameter }
      network.parameters[place] = parameter + width
      let above = loss()
      network.parameters[place] = parameter - width
      let difference = (above - loss()) / (2 * width)
      return abs(gradient[place] - difference) / max(abs(difference), size)
    }
    var result = GradientCheck(
      parameters: count, checked: places.count, largestError: 0, layer: 0)
    for place in places {
      var found = error(at: place, width: 1e-5)
      if found > GradientCheck.limit { found = min(found, error(at: place, width: 1e-7)) }
      if !(found <= result.largestError) {
        result.largestError = found
        result.layer =
          network.layers.firstIndex { $0.parameters.contains(place) } ?? 0
      }
    }
    return result
  }
}
