// SPDX-License-Identifier: Apache-2.0
import NNQMath

/// How far the values of one quantity moved between two states, or from the profile in the model.
public struct Drift: Equatable, Sendable {
  public enum Level: String, Sendable { case steady, moved, drifted }

  public let name: String
  public let isFeature: Bool
  /// The population stability index: the sum over the bins of (b - a) * ln(b / a), where a and b are
  /// shares of the values, none taken as less than ``leastShare``. A bin of missing readings counts
  /// too, except against a profile, which knows nothing of them.
  public let psi: Double
  /// The largest difference between the shares of values below an edge (Kolmogorov and Smirnov).
  public let ks: Double
  /// What chance alone passes once in a hundred times: 1.628 * sqrt(1/n + 1/m), or 1.628 / sqrt(n)
  /// against a profile.
  public let ksByChance: Double
  /// The values that were compared: of the second state, or of the only one.
  public let values: UInt64

  public static let leastShare = 0.0001
  /// From this index on a quantity has moved, from the other on it has drifted: rules of thumb of
  /// credit scoring, where the index comes from.
  public static let movedFrom = 0.1
  public static let driftedFrom = 0.25

  /// Steady also where chance alone could explain the difference.
  public var level: Level {
    if psi < Self.movedFrom || ks <= ksByChance { return .steady }
    return psi < Self.driftedFrom ? .moved : .drifted
  }
}

extension Drift {
  /// The drift between two lists of bins of one quantity.
  init(
    _ quantity: StateQuantity, isFeature: Bool, from a: [UInt64], to b: [UInt64],
    missing: (from: UInt64, to: UInt64)
  ) {
    let (n, m) = (Double(a.reduce(0, +)), Double(b.reduce(0, +)))
    var psi = Self.term(from: Self.share(a[0], n), to: Self.share(b[0], m))
    var below = (a: Self.share(a[0], n), b: Self.share(b[0], m))
    var ks = abs(below.a - below.b)
    for bin in a.indices.dropFirst() {
      let (from, to) = (Self.share(a[bin], n), Self.share(b[bin], m))
      psi += Self.term(from: from, to: to)
      below = (below.a + from, below.b + to)
      ks = max(ks, abs(below.a - below.b))
    }
    let (gone, goneNow) = (Double(missing.from), Double(missing.to))
    if missing.from > 0 || missing.to > 0 {
      psi += Self.term(from: gone / (gone + n), to: goneNow / (goneNow + m))
      ks = max(ks, abs(gone / (gone + n) - goneNow / (goneNow + m)))
    }
    self.init(
      name: quantity.name, isFeature: isFeature, psi: psi, ks: ks,
      ksByChance: 1.628 * (1 / max(n + gone, 1) + 1 / max(m + goneNow, 1)).squareRoot(),
      values: b.reduce(0, +))
  }

  /// The drift of bins from the profile that the model carries; nil without one.
  ///
  /// Where the profile only bounds the share below an edge, the share seen is taken as far as the
  /// bounds allow, so that a vague profile reports no drift of its own.
  init?(_ quantity: StateQuantity, isFeature: Bool, _ bins: [UInt64]) {
    guard let profile = quantity.profile else { return nil }
    let count = bins.reduce(0, +)
    let n = Double(count)
    var psi = 0.0
    var ks = 0.0
    var below = (expected: 0.0, seen: 0.0)
    for (bin, seen) in bins.enumerated() {
      let share = Self.share(seen, n)
      let end = below.seen + share
      var expected = 1.0
      if bin < profile.count {
        let bounds = profile[bin]
        expected = max(min(max(end, bounds.lowerBound), bounds.upperBound), below.expected)
        ks = max(ks, abs(end - expected))
      }
      psi += Self.term(from: expected - below.expected, to: share)
      below = (expected, end)
    }
    self.init(
      name: quantity.name, isFeature: isFeature, psi: count == 0 ? 0 : psi,
      ks: count == 0 ? 0 : ks, ksByChance: 1.628 / max(n, 1).squareRoot(), values: count)
  }

  private static func share(_ count: UInt64, _ total: Double) -> Double {
    total == 0 ? 0 : Double(count) / total
  }

  private static func term(from a: Double, to b: Double) -> Double {
    let (a, b) = (max(a, leastShare), max(b, leastShare))
    return (b - a) * PortableMath.log(b / a)
  }
}

extension ModelState {
  /// How far every feature and score of another state lies from this one's, the largest index first.
  ///
  /// - Throws: ``StateError`` when it counts another model or other features.
  public func drift(to other: ModelState) throws(StateError) -> [Drift] {
    try checkLayout(of: other)
    var drifts = layout.features.enumerated().map { index, quantity in
      Drift(
        quantity, isFeature: true, from: bins(ofFeature: index), to: other.bins(ofFeature: index),
        missing: (missing[index], other.missing[index]))
    }
    drifts += layout.scores.enumerated().map { index, quantity in
      Drift(
        quantity, isFeature: false, from: bins(ofScore: index), to: other.bins(ofScore: index),
        missing: (0, 0))
    }
    return drifts.ranked()
  }

  /// How far every quantity that the model has a profile of lies from it, the largest index first.
  public func driftFromProfile() -> [Drift] {
    let features = layout.features.enumerated().compactMap { index, quantity in
      Drift(quantity, isFeature: true, bins(ofFeature: index))
    }
    let scores = layout.scores.enumerated().compactMap { index, quantity in
      Drift(quantity, isFeature: false, bins(ofScore: index))
    }
    return (features + scores).ranked()
  }
}

extension [Drift] {
  /// By falling index; equal ones keep their order.
  fileprivate func ranked() -> [Drift] {
    enumerated().sorted { a, b in
      (b.element.psi, a.offset) < (a.element.psi, b.offset)
    }.map(\.element)
  }
}
