// SPDX-License-Identifier: Apache-2.0
internal import NNQLinalg

/// A network while it is trained. Copies share the numbers; ``copy()`` does not.
struct Network<Scalar: Real>: Sendable {
  let architecture: Architecture
  /// All weights, biases and gains, layer by layer.
  let parameters: Vector<Scalar>
  /// The running mean and variance of each batch normalization.
  let statistics: Vector<Scalar>

  var layers: [LayerPlan] { architecture.layers }

  /// What keeps a normalization from dividing by 0.
  static var epsilon: Double { 1e-5 }
  /// The share of a batch in the running statistics.
  static var statisticsShare: Double { 0.1 }

  /// All parameters 0 but gains, which are 1.
  init(_ architecture: Architecture) {
    self.architecture = architecture
    parameters = Vector(zeros: architecture.parameterCount)
    statistics = Vector(zeros: architecture.statisticsCount)
    for layer in architecture.layers {
      switch layer.operation {
      case .batchNorm, .layerNorm: gains(of: layer).gamma.fill(1)
      default: break
      }
      let half = layer.statistics.count / 2
      statistics[layer.statistics][half..<(2 * half)].fill(1)
    }
  }

  /// The same network with numbers of its own, rounded to another type.
  func copy<Other: Real>(as type: Other.Type = Scalar.self) -> Network<Other> {
    let result = Network<Other>(architecture)
    for index in 0..<parameters.count { result.parameters[index] = Other(parameters[index]) }
    for index in 0..<statistics.count { result.statistics[index] = Other(statistics[index]) }
    return result
  }

  /// Takes over the numbers of a network of the same architecture.
  func copy(_ other: Network) {
    precondition(architecture == other.architecture)
    parameters.copy(other.parameters)
    statistics.copy(other.statistics)
  }

  /// `[outputs][inputs]` of a dense layer.
  func weights(of layer: LayerPlan) -> Block<Scalar> {
    let numbers = parameters[layer.parameters]
    return Block(numbers[0..<layer.weightCount], rows: layer.outputs, columns: layer.inputs)
  }

  /// `[outputs]` of a dense layer.
  func bias(of layer: LayerPlan) -> Vector<Scalar> {
    parameters[layer.parameters][layer.weightCount..<layer.parameters.count]
  }

  /// Of a normalization.
  func gains(of layer: LayerPlan) -> NormalizationGains<Scalar> {
    NormalizationGains(parameters[layer.parameters])
  }

  /// Whether every parameter is a finite number.
  var isFinite: Bool { parameters.sumOfSquares.isFinite }
}
