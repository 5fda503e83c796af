// SPDX-License-Identifier: Apache-2.0
import NNQState

/// What `nnq state report` shows: the counts of the last state and how far they drifted.
struct DriftReport {
  /// The state that was given last.
  let state: ModelState
  /// Rows of the state that it is compared with; nil for the profile in the model.
  let rowsBefore: UInt64?
  let drifts: [Drift]

  init(_ paths: [String]) throws {
    let first = try readState(paths[0])
    guard let path = paths.dropFirst().first else {
      state = first
      rowsBefore = nil
      drifts = first.driftFromProfile()
      return
    }
    let second = try readState(path)
    state = second
    rowsBefore = first.rows
    drifts = try naming(path) { try first.drift(to: second) }
  }

  /// What the figures leave open.
  var notes: [String] {
    let known = Set(drifts.filter { !$0.isFeature }.map(\.name))
    let unknown = state.layout.scores.map(\.name).filter { !known.contains($0) }
    guard rowsBefore == nil, !unknown.isEmpty else { return [] }
    return [
      "no profile of \(unknown.joined(separator: ", ")) in the model: compare two states for it"
    ]
  }

  var json: JSON {
    let layout = state.layout
    return .answer([
      "model": .string(layout.model), "features_sha256": .string(layout.featureDigest),
      "rows": .integer(Int(state.rows)), "rows_before": JSON(rowsBefore.map { Int($0) }),
      "drift": .array(
        drifts.map { drift in
          [
            "name": .string(drift.name), "kind": .string(drift.isFeature ? "feature" : "score"),
            "psi": .number(drift.psi), "psi_by_chance": .number(drift.psiByChance),
            "ks": .number(drift.ks),
            "ks_by_chance": .number(drift.ksByChance), "values": .integer(Int(drift.values)),
            "level": .string(drift.level.rawValue),
          ]
        }),
      "features": .array(
        layout.features.enumerated().map { index, feature in
          [
            "name": .string(feature.name), "missing": .integer(Int(state.missing[index])),
            "clipped_low": .integer(Int(state.clipped[index].lowest)),
            "clipped_high": .integer(Int(state.clipped[index].highest)),
            "edges": JSON(feature.edges),
            "bins": JSON(state.bins(ofFeature: index).map { Int($0) }),
          ]
        }),
      "scores": .array(
        layout.scores.enumerated().map { index, score in
          [
            "name": .string(score.name),
            "saturated_low": .integer(Int(state.saturated[index].lowest)),
            "saturated_high": .integer(Int(state.saturated[index].highest)),
            "edges": JSON(score.edges), "bins": JSON(state.bins(ofScore: index).map { Int($0) }),
          ]
        }),
      "verdicts": .object(
        zip(layout.verdicts, state.verdicts).map { (key: $0, value: .integer(Int($1))) }),
    ])
  }

  func text(style: Style) -> String {
    let against = rowsBefore.map { "\($0) rows before" } ?? "the training rows"
    var text = "\(state.rows) rows against \(against)\n"
    var table = Table([
      .text("column"), .number("PSI"), .number("by chance"), .number("KS"), .number("missing"),
      .number("clipped"), .text(""),
    ])
    for drift in drifts {
      let (missing, ends) = sideFigures(drift)
      table.add([
        drift.name, Format.fixed(drift.psi, decimals: 3),
        Format.fixed(drift.psiByChance, decimals: 3), Format.fixed(drift.ks, decimals: 3),
        share(missing), share(ends),
        drift.level.rawValue,
      ])
    }
    text += table.text(style: style)
    guard !state.verdicts.isEmpty else { return text }
    var verdicts = Table([.text("verdict"), .number("rows"), .number("share")])
    for (name, count) in zip(state.layout.verdicts, state.verdicts) {
      verdicts.add([name, "\(count)", share(count)])
    }
    return text + "\n" + verdicts.text(style: style)
  }

  /// Missing readings, and codes at an end of their range.
  private func sideFigures(_ drift: Drift) -> (missing: UInt64?, ends: UInt64?) {
    let ends: ModelState.Ends
    var missing: UInt64?
    if drift.isFeature {
      guard let index = state.layout.features.firstIndex(where: { $0.name == drift.name }) else {
        return (nil, nil)
      }
      ends = state.clipped[index]
      missing = state.missing[index]
    } else {
      guard let index = state.layout.scores.firstIndex(where: { $0.name == drift.name }) else {
        return (missing, nil)
      }
      ends = state.saturated[index]
    }
    return (missing, state.layout.widths == nil ? nil : ends.lowest + ends.highest)
  }

  private func share(_ count: UInt64?) -> String {
    guard let count, state.rows > 0 else { return "" }
    return Format.percent(Double(count) / Double(state.rows))
  }
}
