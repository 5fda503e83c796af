// SPDX-License-Identifier: Apache-2.0
internal import NNQLinalg

/// Moves a network against its gradient.
///
/// - Source: Kingma and Ba 2015; Loshchilov and Hutter 2019.
struct Optimizer<Scalar: Real>: Sendable {
  /// As the type holds them, so that the corrections undo just what the means did.
  static var firstDecay: Double { Double(Scalar(0.9)) }
  static var secondDecay: Double { Double(Scalar(0.999)) }
  static var epsilon: Double { 1e-8 }

  let kind: OptimizerKind
  let momentum: Double
  let weightDecay: Double
  /// The running mean of the gradient, or its running sum for gradient descent; as the parameters.
  let means: Vector<Scalar>
  /// The running mean of its square; empty for gradient descent.
  let squares: Vector<Scalar>
  /// The decays to the power of the steps so far: the pull of the means' start at 0.
  var firstPower = 1.0
  var secondPower = 1.0

  init(
    _ kind: OptimizerKind = .adamW, for network: Network<Scalar>, momentum: Double = 0,
    weightDecay: Double = 0
  ) {
    self.kind = kind
    self.momentum = momentum
    self.weightDecay = weightDecay
    means = Vector(zeros: network.parameters.count)
    squares = Vector(zeros: kind == .sgd ? 0 : network.parameters.count)
  }

  /// Notes that a step begins; the parameters may then be moved in parts.
  mutating func beginStep() {
    firstPower *= Self.firstDecay
    secondPower *= Self.secondDecay
  }

  /// Moves some parameters of a network by the step that ``beginStep()`` began; weights decay,
  /// biases and gains do not.
  ///
  /// - Parameter places: in the network's parameters.
  func move(
    _ network: Network<Scalar>, _ places: Range<Int>, gradient: Vector<Scalar>,
    learningRate: Double, decays: Bool
  ) {
    let parameters = network.parameters[places]
    switch kind {
    case .adamW, .adam:
      parameters.stepAdamW(
        gradient: gradient[places], mean: means[places], square: squares[places],
        rate: learningRate / (1 - firstPower), inverse: 1 / (1 - secondPower),
        decay: decays ? learningRate * weightDecay : 0, first: Self.firstDecay,
        second: Self.secondDecay, epsilon: Self.epsilon)
    case .sgd:
      parameters.stepDownhill(
        gradient: gradient[places], velocity: means[places], rate: learningRate,
        momentum: momentum)
    }
  }
}
