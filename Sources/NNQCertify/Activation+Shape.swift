// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQMath
import NNQReference

extension Activation {
  /// Where the function is not smooth.
  var corners: [Double] {
    switch self {
    case .relu, .leakyRelu: [0]
    case .relu6: [0, 6]
    case .hardSwish: [-3, 3]
    case .identity, .tanh, .sigmoid, .gelu, .geluTanh, .silu: []
    }
  }

  /// Whether the function is a line between its corners.
  var isPiecewiseLinear: Bool {
    switch self {
    case .identity, .relu, .leakyRelu, .relu6: true
    case .hardSwish, .tanh, .sigmoid, .gelu, .geluTanh, .silu: false
    }
  }

  /// The function's values over an interval.
  func values(over x: Interval) -> Interval {
    var range = Interval(min(self(x.lower), self(x.upper)), max(self(x.lower), self(x.upper)))
    for place in turns where x.contains(place) { range = range.hull(self(place)) }
    // The computed values are within 1e-13 of the exact ones, the turns within 1e-9 of theirs.
    return isPiecewiseLinear && !isLeaky
      ? range : range.widened(by: 1e-12 * range.magnitude + 1e-15)
  }

  private var isLeaky: Bool { if case .leakyRelu = self { true } else { false } }

  /// Where the function turns from falling to rising; to 1e-9, where its slope is next to 0.
  private var turns: [Double] {
    switch self {
    case .leakyRelu: [0]
    case .gelu: [-0.7517915246935645]
    case .geluTanh: [-0.7524614220710163]
    case .silu: [-1.278464542761074]
    case .hardSwish: [-1.5]
    case .identity, .relu, .tanh, .sigmoid, .relu6: []
    }
  }

  /// All slopes of lines through two points of the function over an interval.
  func slopes(over x: Interval) -> Interval {
    switch self {
    case .identity: return Interval(1)
    case .relu: return x.lower >= 0 ? Interval(1) : x.upper <= 0 ? Interval(0) : Interval(0, 1)
    case .leakyRelu(let slope):
      let below = Interval(Double(slope))
      return x.lower >= 0 ? Interval(1) : x.upper <= 0 ? below : below.hull(1)
    case .relu6:
      if x.upper <= 0 || x.lower >= 6 { return Interval(0) }
      return x.lower >= 0 && x.upper <= 6 ? Interval(1) : Interval(0, 1)
    case .hardSwish:
      if x.upper <= -3 { return Interval(0) }
      if x.lower >= 3 { return Interval(1) }
      let inside = Interval(max(x.lower, -3), min(x.upper, 3))
      var slopes = Interval(inside.lower / 3 + 0.5, inside.upper / 3 + 0.5)
      if x.lower < -3 { slopes = slopes.hull(0) }
      if x.upper > 3 { slopes = slopes.hull(1) }
      return slopes.widened(by: 1e-12)
    case .tanh, .sigmoid, .gelu, .geluTanh, .silu:
      let ends = (slope(at: x.lower), slope(at: x.upper))
      var slopes = Interval(min(ends.0, ends.1), max(ends.0, ends.1))
      for (place, slope) in steepest where x.contains(place) { slopes = slopes.hull(slope) }
      // The slopes are computed to 1e-12, and the steepest are given to 1e-7.
      return slopes.widened(by: 1e-6)
    }
  }

  /// The derivative of a smooth function.
  private func slope(at x: Double) -> Double {
    switch self {
    case .tanh:
      let value = PortableMath.tanh(x)
      return 1 - value * value
    case .sigmoid:
      let value = PortableMath.sigmoid(x)
      return value * (1 - value)
    case .gelu:
      let share = 0.5 * PortableMath.erfc(-x * rootOfHalf)
      return share + x * inverseRootOfTwoPi * PortableMath.exp(-x * x / 2)
    case .geluTanh:
      let share = PortableMath.sigmoid(twiceRootOfTwoOverPi * (x + 0.044715 * (x * x * x)))
      let rise = twiceRootOfTwoOverPi * (1 + 3 * 0.044715 * (x * x))
      // Where the share is 0 or 1 in binary64 the rise, however large, is nothing beside it.
      let bend = share * (1 - share)
      return share + (bend == 0 ? 0 : x * bend * rise)
    case .silu:
      let share = PortableMath.sigmoid(x)
      return share + x * share * (1 - share)
    case .identity, .relu, .leakyRelu, .relu6, .hardSwish: return .nan
    }
  }

  /// Where the derivative of a smooth function turns, with its value there; it rises or falls all the
  /// way between these places, but for less than 1e-9 in the tails of gelu-tanh.
  private var steepest: [(place: Double, slope: Double)] {
    switch self {
    case .tanh: [(0, 1)]
    case .sigmoid: [(0, 0.25)]
    case .gelu: [(-1.4142135623730951, -0.12890414518), (1.4142135623730951, 1.12890414518)]
    case .geluTanh: [(-1.4185040088, -0.12899306867), (1.4185040088, 1.12899306867)]
    case .silu: [(-2.3993572805, -0.09983932013), (2.3993572805, 1.09983932013)]
    case .identity, .relu, .leakyRelu, .relu6, .hardSwish: []
    }
  }
}

private let rootOfHalf = 0.5.squareRoot()
private let twiceRootOfTwoOverPi = 2 * (2 / Double.pi).squareRoot()
private let inverseRootOfTwoPi = 1 / (2 * Double.pi).squareRoot()
