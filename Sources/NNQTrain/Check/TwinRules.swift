// SPDX-License-Identifier: Apache-2.0
internal import NNQData
internal import NNQFormat

/// Rows held back that have a near twin among the fitted rows, and equal rows of other labels.
///
/// Two rows are near twins when every feature falls into the same cell of a grid of a fiftieth of its
/// standard deviation, or of the same grid moved by half a cell; rows are compared by 64-bit hashes of
/// their cells, so that time and memory grow with the rows alone. As a control the same is counted for
/// rows whose readings are drawn from the columns independently: what few coarse readings bring
/// about by chance is no leak. It takes a hundredth of the rows held back above the control to be
/// found, and a twentieth to be serious. It stays a caution where most features have few distinct
/// readings and the last rows have as many twins: then states come again, which is no copying.
func findTwins(
  _ columns: [ColumnFacts], _ task: DetectedTask, _ data: Dataset, _ groups: [Int32]?,
  _ settings: TrainingSettings
) -> [DataFinding] {
  let usable = PreparedData.usableRows(of: data, for: task)
  let kept = usable.map(data.selecting) ?? data
  guard kept.rows >= 20, !columns.isEmpty else { return [] }
  var findings: [DataFinding] = []
  let cells = RowCells(columns, kept)
  if let share = cells.contradictions(kept, task), share >= 0.01 {
    findings.append(DataFinding(.contradictions(share: share), .caution))
  }
  guard settings.validation > 0,
    let split = try? PreparedData.part(
      kept, task: task, groups: groups.map { groups in usable?.map { groups[$0] } ?? groups },
      settings: settings),
    !split.validation.isEmpty
  else { return findings }
  let found = cells.twins(of: split.validation, in: split.fitted)
  let share = Double(found.count) / Double(split.validation.count)
  // The two rows where the split cuts a slow run are no leak.
  guard share >= 0.01, found.count > 2 else { return findings }
  let control = RowCells(columns, kept, shuffled: settings.seed)
  let chance = control.twins(of: split.validation, in: split.fitted).count
  let excess = share - Double(chance) / Double(split.validation.count)
  guard excess >= 0.01 else { return findings }
  let last = Split.timeOrdered(rows: kept.rows, fraction: settings.validation)
  let apart =
    Double(cells.twins(of: last.validation, in: last.train).count) / Double(last.validation.count)
  let comesAgain = apart >= share / 2 && isCoarse(columns, kept)
  findings.append(
    DataFinding(
      .twins(share: share, apart: apart), excess >= 0.05 && !comesAgain ? .serious : .caution,
      rows: found.prefix(shownRows).map { usable?[$0] ?? $0 }))
  return findings
}

/// Whether most features have at most one distinct reading for every fifty rows.
private func isCoarse(_ columns: [ColumnFacts], _ data: Dataset) -> Bool {
  let coarse = columns.count { column in
    Set(data.column(column.index)).count * 50 <= data.rows
  }
  return 2 * coarse > columns.count
}

/// The rows of a table as hashes of their cells in two grids, and of their readings.
private struct RowCells {
  /// Cells of a standard deviation.
  private static let fineness = 50.0
  /// `[grid][row]`
  private var grids: [[UInt64]]
  private var exact: [UInt64]

  /// - Parameter shuffled: puts each column into another order by this seed.
  init(_ columns: [ColumnFacts], _ data: Dataset, shuffled seed: UInt64? = nil) {
    let start: UInt64 = 0x9E37_79B9_7F4A_7C15
    grids = [[UInt64]](repeating: [UInt64](repeating: start, count: data.rows), count: 2)
    exact = grids[0]
    var order = Array(0..<data.rows)
    var random = RandomSource(seed: seed ?? 0, stream: 3)
    let width = data.featureNames.count
    for column in columns {
      if seed != nil { random.shuffle(&order) }
      let scale = column.deviation > 0 ? Self.fineness / column.deviation : 0
      for row in 0..<data.rows {
        let reading = data.readings[order[row] * width + column.index]
        Self.mix(&exact[row], UInt64(reading == 0 ? 0 : reading.bitPattern))
        let place = (Double(reading) - column.mean) * scale
        for (grid, shift) in [(0, 0.0), (1, 0.5)] {
          // A missing reading is like another missing one.
          let cell = place.isFinite ? (place + shift).rounded(.down) : .infinity
          Self.mix(&grids[grid][row], cell.bitPattern)
        }
      }
    }
  }

  /// Takes a word into a hash.
  private static func mix(_ hash: inout UInt64, _ word: UInt64) {
    var mixed = (hash ^ word) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 29) &* 0x94D0_49BB_1331_11EB
    hash = mixed ^ mixed >> 32
  }

  /// The rows of `some` that share a cell of a grid with one of the others.
  func twins(of some: [Int], in others: [Int]) -> [Int] {
    let cells = grids.map { grid in Set(others.map { grid[$0] }) }
    return some.filter { row in
      grids.indices.contains { cells[$0].contains(grids[$0][row]) }
    }
  }

  /// The share of the rows that no model can get right, because rows of the same readings have other
  /// labels and more of them; nil for a task without one label a row.
  func contradictions(_ data: Dataset, _ task: DetectedTask) -> Double? {
    guard task.kind == .binary || task.kind == .multiclass,
      let labels = data.targets[task.targets[0]].labels
    else { return nil }
    let order = exact.indices.sorted { (exact[$0], labels[$0]) < (exact[$1], labels[$1]) }
    var lost = 0
    var start = 0
    while start < order.count {
      var end = start
      var most = 0
      while end < order.count, exact[order[end]] == exact[order[start]] {
        let first = end
        while end < order.count, exact[order[end]] == exact[order[start]],
          labels[order[end]] == labels[order[first]]
        { end += 1 }
        most = max(most, end - first)
      }
      lost += end - start - most
      start = end
    }
    return Double(lost) / Double(order.count)
  }
}
