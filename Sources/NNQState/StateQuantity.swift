// SPDX-License-Identifier: Apache-2.0

/// One quantity whose values a state counts in bins: a feature or a score.
///
/// Bin 0 holds the values below the first edge, bin i those from edge i - 1 to below edge i, the
/// last bin those from the last edge on.
public struct StateQuantity: Equatable, Sendable {
  /// The feature or target, or `margin`, `logit`, `score`.
  public let name: String
  /// Strictly ascending and finite, 1 ... ``edgeLimit``.
  public let edges: [Double]
  /// For each edge, between which bounds the share of the training rows below it lies; nil when the
  /// model carries no profile of the quantity.
  public let profile: [ClosedRange<Double>]?

  /// The most edges of a quantity.
  public static let edgeLimit = 512

  package init(name: String, edges: [Double], profile: [ClosedRange<Double>]? = nil) {
    precondition((1...Self.edgeLimit).contains(edges.count))
    precondition(profile.map { $0.count == edges.count } ?? true)
    self.name = name
    self.edges = edges
    self.profile = profile
  }

  /// The number of bins.
  public var bins: Int { edges.count + 1 }
}

extension StateQuantity {
  /// A feature with an edge at each of its quantiles.
  ///
  /// A quantile that stands for several probabilities is a value that repeats, so it gets a bin of
  /// its own: the second edge is the next binary32. The maximum gets one too, because it belongs to
  /// the readings that training saw. The share below a quantile is its probability; but where one
  /// value repeats any may, and only the bounds that the neighbouring quantiles give are known.
  /// - Parameters:
  ///   - probabilities: strictly ascending from 0 to 1.
  ///   - quantiles: one a probability, ascending.
  package init(name: String, probabilities: [Double], quantiles: [Float]) {
    var values: [(value: Float, low: Double, high: Double)] = []
    for (probability, quantile) in zip(probabilities, quantiles) {
      if let last = values.indices.last, values[last].value == quantile {
        values[last].high = probability
      } else {
        values.append((quantile, probability, probability))
      }
    }
    let isVague = values.contains { $0.low < $0.high }
    var edges: [Double] = []
    var profile: [ClosedRange<Double>] = []
    for (index, item) in values.enumerated() {
      let next = index + 1 < values.count ? values[index + 1] : nil
      edges.append(Double(item.value))
      profile.append((isVague && index > 0 ? values[index - 1].high : item.low)...item.low)
      let above = item.value.nextUp
      if next == nil || item.low < item.high, above.isFinite, above != next?.value {
        edges.append(Double(above))
        profile.append(item.high...(next?.low ?? 1))
      }
    }
    self.init(name: name, edges: edges, profile: profile)
  }
}
