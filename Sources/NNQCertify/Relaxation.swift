// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQReference

/// A line that a function of one number stays close to: `slope * x + center`, within `radius`.
struct Relaxation: Equatable, Sendable {
  var slope: Double
  var center: Double
  var radius: Double

  /// - Parameter rest: what is left of the function beside `slope * x`.
  init(slope: Double, rest: Interval) {
    self.slope = slope
    center = rest.center
    radius = rest.radius
  }

  /// A line along a function over an interval, from end to end.
  ///
  /// Pieces of the interval are looked at one by one: within one the rest is at most as far from its
  /// values at the ends as its steepest slope reaches.
  init(_ function: Activation, over x: Interval) {
    if case .identity = function {
      self.init(slope: 1, rest: Interval(0))
      return
    }
    let slopes = function.slopes(over: x)
    guard slopes.lower < slopes.upper, x.lower < x.upper else {
      self.init(slope: slopes.lower, rest: Self.rest(function, slopes.lower, over: x, slopes))
      return
    }
    let secant = (function(x.upper) - function(x.lower)) / (x.upper - x.lower)
    let slope = min(max(secant, slopes.lower), slopes.upper)
    var rest: Interval?
    for piece in function.pieces(of: x) {
      let part = Self.rest(function, slope, over: piece, function.slopes(over: piece))
      rest = rest.map { $0.hull(part) } ?? part
    }
    self.init(slope: slope, rest: rest ?? Interval(0))
  }

  private static func rest(
    _ function: Activation, _ slope: Double, over x: Interval, _ slopes: Interval
  ) -> Interval {
    func rest(at place: Double) -> Interval {
      function.values(over: Interval(place)) - slope * Interval(place)
    }
    let (first, last) = (rest(at: x.lower), rest(at: x.upper))
    let ends = first.hull(last)
    let steepest = (slopes - Interval(slope)).magnitude
    let reach = ((x.upper - x.lower).nextUp * steepest).nextUp / 2
    // A line reaches from end to end and no further.
    return Interval(around: ends.center, radius: max(reach, ends.radius))
      // The middle of both ends is known as well as they are.
      .widened(by: (first.upper - first.lower) + (last.upper - last.lower))
  }
}

extension Activation {
  /// The interval in pieces that a corner is at the end of.
  fileprivate func pieces(of x: Interval) -> [Interval] {
    let count = isPiecewiseLinear ? 1 : 64
    var ends = corners.filter { x.lower < $0 && $0 < x.upper }
    ends += (0...count).map {
      $0 == count ? x.upper : x.lower + (x.upper - x.lower) / Double(count) * Double($0)
    }
    ends.sort()
    return zip(ends, ends.dropFirst()).map { Interval($0, $1) }
  }
}
