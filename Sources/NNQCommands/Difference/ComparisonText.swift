// SPDX-License-Identifier: Apache-2.0
import NNQReference

extension Comparison {
  /// - Parameter matches: how the outputs fit each rounding rule; empty where that was not asked.
  func json(_ matches: [RuleMatch]) -> JSON {
    .answer([
      "rows": .integer(rows),
      "agreement": JSON(flips.map { 1 - $0 }),
      "flips": JSON(flips),
      "flips_interval": flipsInterval.map { JSON([$0.lowerBound, $0.upperBound]) } ?? .null,
      "decisions": .integer(decisions),
      "flipped": .integer(flipped),
      "sqnr_db": JSON(sqnr),
      "max_abs_error": .number(maxAbsoluteError),
      "not_finite": .integer(notFinite),
      "bit_exact": .boolean(isBitExact),
      "layers": .array(
        layers.enumerated().map { index, layer in
          [
            "index": .integer(index), "name": .string(layer.name), "sqnr_db": JSON(layer.sqnr),
            "saturated": JSON(layer.saturated),
          ]
        }),
      "worst": .array(
        worst.map {
          [
            "row": .integer($0.row), "error": .number($0.error), "a": JSON($0.first),
            "b": JSON($0.second), "flip": .boolean($0.isFlip),
          ]
        }),
      "first_difference": firstDifference.map { $0.json(layerNames) } ?? .null,
      "semantics": .array(
        matches.map {
          [
            "name": .string($0.rule.rawValue), "equal": .integer($0.equal),
            "codes": .integer($0.codes), "agreement": .number($0.agreement),
            "exact": .boolean($0.isExact),
          ]
        }),
      "matches": .array(matches.exact.map { .string($0) }),
    ])
  }

  /// - Parameter matches: as for ``json(_:)``.
  func text(_ matches: [RuleMatch], style: Style) -> String {
    var facts = Table([.text(""), .text("")])
    facts.add(["rows", "\(rows)"])
    if let flips, let interval = flipsInterval {
      facts.add([
        "flips",
        "\(flipped) of \(decisions) decisions, \(Format.percent(flips)) (95 % interval "
          + "\(Format.percent(interval.lowerBound)) to \(Format.percent(interval.upperBound)))",
      ])
    }
    if notFinite > 0, let first = worst.first {
      facts.add(["not finite", "\(notFinite) values, the first in row \(first.row)"])
    }
    let ratio = notFinite > 0 ? "not finite" : decibels(sqnr)
    facts.add(["SQNR", isBitExact ? "bit-exact" : ratio])
    facts.add(["largest error", words(error: maxAbsoluteError)])
    if let firstDifference { facts.add(["first difference", firstDifference.words(layerNames)]) }
    var text = facts.text(style: style)
    if !matches.isEmpty {
      var table = Table([.text("semantics"), .number("equal codes"), .number("agreement")])
      for match in matches {
        table.add([
          match.rule.rawValue, "\(match.equal) of \(match.codes)",
          match.isExact ? "exact" : Format.percent(match.agreement),
        ])
      }
      let exact = matches.exact
      text += "\n" + table.text(style: style)
      text +=
        exact.isEmpty
        ? "no rule gives every code\n"
        : "the outputs match \(exact.joined(separator: ", "))\n"
    }
    if !layers.isEmpty {
      var table = Table([.text("layer"), .number("SQNR"), .number("saturated")])
      for layer in layers {
        table.add([
          layer.name, decibels(layer.sqnr), layer.saturated.map(Format.percent) ?? "",
        ])
      }
      text += "\n" + table.text(style: style)
    }
    guard !worst.isEmpty else { return text }
    var table = Table([.number("row"), .number("error"), .text("A"), .text("B"), .text("")])
    for row in worst {
      table.add([
        "\(row.row)", words(error: row.error), short(row.first),
        short(row.second), row.isFlip ? "flip" : "",
      ])
    }
    return text + "\n" + table.text(style: style)
  }

  private func words(error: Double) -> String {
    error.isFinite ? Format.significant(error, digits: 4) : "not finite"
  }

  private func short(_ values: [Double]) -> String {
    let shown = values.prefix(4).map { Format.significant($0, digits: 5) }
    return shown.joined(separator: " ") + (values.count > 4 ? " ..." : "")
  }
}

extension FirstDifference {
  /// - Parameter names: those of the first side's layers.
  fileprivate func json(_ names: [String]) -> JSON {
    [
      "layer": .integer(layer), "name": .string(names[layer]),
      "output": .integer(output), "row": .integer(row), "a": .number(first), "b": .number(second),
    ]
  }

  fileprivate func words(_ names: [String]) -> String {
    "\(names[layer]), output \(output), row \(row): "
      + "\(Format.significant(first, digits: 6)) and \(Format.significant(second, digits: 6))"
  }
}
