// SPDX-License-Identifier: Apache-2.0
import NNQFormat

extension ModelState {
  /// Reads a state's file.
  ///
  /// - Throws: ``StateError``. Never traps, for any bytes; what is accepted is written again with
  ///   the same bytes, and no count is above the number of rows.
  public init(parsing file: [UInt8]) throws(StateError) {
    do throws(ModelFormatError) {
      guard try Envelope.parse(file) == .state else { throw ModelFormatError.unknownForm(file[4]) }
    } catch {
      throw .envelope(error)
    }
    var reader = StateReader(file, from: Envelope.byteCount)
    let model = try reader.digest()
    let featureDigest = try reader.digest()
    let number: UInt8 = try reader.integer()
    guard let task = ModelTask.Kind(rawValue: number) else {
      throw .invalidField("task", index: 0, found: "\(number)")
    }
    let widths = try reader.widths()
    try reader.zeros(1)
    let featureCount = Int(try reader.integer(UInt16.self))
    let scoreCount = Int(try reader.integer(UInt16.self))
    let verdictCount = Int(try reader.integer(UInt16.self))
    guard featureCount > 0, scoreCount > 0 else {
      throw .invalidField("features and scores", index: 0, found: "0")
    }
    try reader.zeros(2)
    let rows = try reader.count("rows", atMost: Self.rowLimit)

    var features: [(StateQuantity, [UInt64], UInt64, Ends)] = []
    for index in 0..<featureCount {
      let quantity = try reader.quantity(index)
      let bins = try reader.counts(quantity.bins, rows: rows, index)
      let missing = try reader.count("missing", index, atMost: rows)
      guard bins.sum + missing == rows else {
        throw .invalidField("sum of bins", index: index, found: "\(bins.sum + missing)")
      }
      features.append((quantity, bins.counts, missing, try reader.ends(index, rows, widths)))
    }
    var scores: [(StateQuantity, [UInt64], Ends)] = []
    for index in 0..<scoreCount {
      let quantity = try reader.quantity(index)
      let bins = try reader.counts(quantity.bins, rows: rows, index)
      guard bins.sum == rows else {
        throw .invalidField("sum of bins", index: index, found: "\(bins.sum)")
      }
      scores.append((quantity, bins.counts, try reader.ends(index, rows, widths)))
    }
    var verdicts: [(String, UInt64)] = []
    for index in 0..<verdictCount {
      verdicts.append(
        (try reader.string("verdict", index), try reader.count("verdict", index, atMost: rows)))
    }
    try reader.end()

    self.init(
      StateLayout(
        model: model, featureDigest: featureDigest, task: task, widths: widths,
        features: features.map(\.0), scores: scores.map(\.0), verdicts: verdicts.map(\.0)))
    try checkVerdicts(verdicts.map(\.1), rows)
    self.rows = rows
    self.verdicts = verdicts.map(\.1)
    missing = features.map(\.2)
    clipped = features.map(\.3)
    saturated = scores.map(\.2)
    for (index, item) in features.enumerated() { self.features.setBins(index, item.1) }
    for (index, item) in scores.enumerated() { self.scores.setBins(index, item.1) }
  }

  /// One label a row for a task with labels, one score for them all; else one for each target.
  private func checkVerdicts(_ counts: [UInt64], _ rows: UInt64) throws(StateError) {
    let isShape: Bool
    switch layout.task {
    case .binary, .anomaly: isShape = counts.count == 2 && layout.scores.count == 1
    case .multiclass: isShape = counts.count >= 2 && layout.scores.count == 1
    case .multilabel: isShape = counts.count == layout.scores.count
    case .regression: isShape = counts.isEmpty
    }
    guard isShape else {
      throw .invalidField("verdicts", index: 0, found: "\(counts.count)")
    }
    guard layout.task != .multilabel, layout.task != .regression else { return }
    var sum: UInt64 = 0
    for (index, count) in counts.enumerated() {
      guard count <= rows - sum else {
        throw .invalidField("verdict", index: index, found: "\(count)")
      }
      sum += count
    }
    guard sum == rows else { throw .invalidField("sum of verdicts", index: 0, found: "\(sum)") }
  }
}
