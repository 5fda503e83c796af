// SPDX-License-Identifier: Apache-2.0

/// What a model met and answered, in integers alone: counts of rows, bins, missing readings, codes at
/// the ends of their range, and decisions.
///
/// Counts add up: the states of any shards of the rows, merged in any order, are the state of all
/// rows, byte for byte.
public struct ModelState: Equatable, Sendable {
  /// How often codes lay at an end of their range, where they may stand for any value beyond it.
  public struct Ends: Equatable, Sendable {
    public internal(set) var lowest: UInt64 = 0
    public internal(set) var highest: UInt64 = 0
  }

  /// The most rows of a state.
  public static let rowLimit: UInt64 = 1 << 62

  public let layout: StateLayout
  public internal(set) var rows: UInt64 = 0
  /// One a feature: readings that were not there.
  public internal(set) var missing: [UInt64]
  /// One a feature: input codes; all 0 for a float model.
  public internal(set) var clipped: [Ends]
  /// One a score: output codes of the same index, for multiclass of any output; all 0 for a float
  /// model.
  public internal(set) var saturated: [Ends]
  /// One a verdict of the layout: rows with this label or flag.
  public internal(set) var verdicts: [UInt64]
  var features: BinCounts<Float>
  var scores: BinCounts<Double>

  /// The state of no rows.
  public init(_ layout: StateLayout) {
    self.layout = layout
    missing = Array(repeating: 0, count: layout.features.count)
    clipped = Array(repeating: Ends(), count: layout.features.count)
    saturated = Array(repeating: Ends(), count: layout.scores.count)
    verdicts = Array(repeating: 0, count: layout.verdicts.count)
    features = BinCounts(layout.features)
    scores = BinCounts(layout.scores)
  }

  /// How many readings of a feature lie in each of its bins.
  public func bins(ofFeature index: Int) -> [UInt64] {
    Array(features.bins(index, layout.features[index].bins))
  }

  /// How many rows have a score in each of its bins.
  public func bins(ofScore index: Int) -> [UInt64] {
    Array(scores.bins(index, layout.scores[index].bins))
  }

  /// Adds the counts of other rows.
  ///
  /// - Throws: ``StateError``, with nothing added: another model, other features, too many rows.
  public mutating func merge(_ other: ModelState) throws(StateError) {
    try checkLayout(of: other)
    // Both are within the limit, so the sum fits; no other counter is above its rows.
    guard rows + other.rows <= Self.rowLimit else { throw .tooManyRows(limit: Self.rowLimit) }
    rows += other.rows
    for index in missing.indices { missing[index] += other.missing[index] }
    for index in verdicts.indices { verdicts[index] += other.verdicts[index] }
    for index in clipped.indices { clipped[index].add(other.clipped[index]) }
    for index in saturated.indices { saturated[index].add(other.saturated[index]) }
    features.add(other.features)
    scores.add(other.scores)
  }

  /// Throws unless the other state counts the same model's features in the same bins.
  func checkLayout(of other: ModelState) throws(StateError) {
    guard other.layout.model == layout.model else {
      throw .otherModel(found: other.layout.model, expected: layout.model)
    }
    guard other.layout.featureDigest == layout.featureDigest else {
      throw .otherFeatures(
        found: other.layout.featureDigest, expected: layout.featureDigest)
    }
    guard other.layout == layout else { throw .otherBins }
  }
}

extension ModelState.Ends {
  mutating func add(_ other: ModelState.Ends) {
    lowest += other.lowest
    highest += other.highest
  }

  /// Counts a code that may be an end of its range.
  @inline(__always)
  mutating func add(_ code: Int, in range: (lowest: Int, highest: Int)) {
    lowest &+= code == range.lowest ? 1 : 0
    highest &+= code == range.highest ? 1 : 0
  }
}
