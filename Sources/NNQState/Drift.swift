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
  /// The index that chance alone passes once in a hundred times: the 99 % point of a chi-squared
  /// distribution over the bins that hold something, times 1/n + 1/m (1/n against a profile).
  public let psiByChance: Double
  /// The same for ``ks``: 1.628 * sqrt(1/n + 1/m).
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
    if psi < Self.movedFrom || psi <= psiByChance { return .steady }
    return psi < Self.driftedFrom ? .moved : .drifted
  }
}

extension Drift {
  /// The drift between two lists of bins of one quantity.
  init(
    _ quantity: StateQuantity, isFeature: Bool, from a: [UInt64], to b: [UInt64],
    missing: (from: UInt64, to: UInt64)
  ) {
    // The bin of missing readings comes last: the distance looks at the bins before it as shares of
    // all rows.
    let (before, now) = (a + [missing.from], b + [missing.to])
    let (n, m) = (Double(before.reduce(0, +)), Double(now.reduce(0, +)))
    var sums = DriftSums()
    for (from, to) in zip(before, now) {
      sums.add(from: n == 0 ? 0 : Double(from) / n, to: m == 0 ? 0 : Double(to) / m)
    }
    self.init(
      name: quantity.name, isFeature: isFeature, sums: sums,
      spread: 1 / max(n, 1) + 1 / max(m, 1), values: b.reduce(0, +))
  }

  /// The drift of bins from the profile that the model carries; nil without one.
  ///
  /// Where the profile only bounds the share below an edge, the share seen is taken as far as the
  /// bounds allow, so that a vague profile reports no drift of its own.
  init?(_ quantity: StateQuantity, isFeature: Bool, _ bins: [UInt64]) {
    guard let profile = quantity.profile else { return nil }
    let count = bins.reduce(0, +)
    var sums = DriftSums()
    var expected = 0.0
    for (bin, seen) in bins.enumerated() where count > 0 {
      let share = Double(seen) / Double(count)
      var below = 1.0
      if bin < profile.count {
        let end = sums.below.to + share
        below = max(min(max(end, profile[bin].lowerBound), profile[bin].upperBound), expected)
      }
      sums.add(from: below - expected, to: share)
      expected = below
    }
    self.init(
      name: quantity.name, isFeature: isFeature, sums: sums, spread: 1 / max(Double(count), 1),
      values: count)
  }

  private init(
    name: String, isFeature: Bool, sums: DriftSums, spread: Double, values: UInt64
  ) {
    self.name = name
    self.isFeature = isFeature
    psi = sums.psi
    ks = sums.ks
    psiByChance = chiSquared99(max(sums.occupied - 1, 1)) * spread
    ksByChance = 1.628 * spread.squareRoot()
    self.values = values
  }
}

/// What is summed over the bins.
private struct DriftSums {
  var psi = 0.0
  var ks = 0.0
  /// Bins in which either side has something.
  var occupied = 0
  /// The shares in the bins so far.
  var below = (from: 0.0, to: 0.0)

  mutating func add(from: Double, to: Double) {
    let (a, b) = (max(from, Drift.leastShare), max(to, Drift.leastShare))
    psi += (b - a) * PortableMath.log(b / a)
    if from > 0 || to > 0 { occupied += 1 }
    below = (below.from + from, below.to + to)
    ks = max(ks, abs(below.from - below.to))
  }
}

/// The value that a chi-squared variable passes once in a hundred times.
///
/// - Error: below 1 % for 2 degrees of freedom and more, 3 % for one.
/// - Source: Wilson and Hilferty, 1931: its cube root is nearly normal.
private func chiSquared99(_ freedom: Int) -> Double {
  let k = Double(freedom)
  let root = 1 - 2 / (9 * k) + 2.326348 * (2 / (9 * k)).squareRoot()
  return k * root * root * root
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
