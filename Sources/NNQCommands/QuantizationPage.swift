// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQQuantize

extension QuantizationSummary {
  /// The report as one page without scripts or other files, readable in light and dark.
  func html(model: String) -> String {
    let names = report.layers.map(\.name)
    let words = RecipeWords(report.chosen, names: names)
    var page = Page(title: "\(model): quantization")
    page.add(paragraph: choice)
    page.add(
      paragraph: "\(words.whole): flat image \(Format.bytes(flatBytes)), float file "
        + "\(Format.bytes(floatBytes)).")
    page.add(paragraph: decisions)
    page.add(heading: "Layers")
    page.add(
      html: """
        <p>SQNR of what each layer hands on; <em>alone</em>: of the output when only this layer is
        quantized, lowest first to blame; <em>saturated</em>: codes at an end of their range whose value
        lies beyond it; <em>used</em>: the values seen against those that the codes reach.</p>
        \(layerTable)
        \(bars(report.layers.map { ($0.name, $0.alone) }, title: "Output SQNR, one layer quantized (dB)"))
        \(marginChart)
        \(trialTable)
        """)
    return page.html(nil)
  }

  private var layerTable: String {
    var rows = ""
    for layer in report.layers {
      let cells = [
        layer.name, layer.weightWidth.map { "\($0.rawValue)" } ?? "",
        "\(layer.outputWidth.rawValue)",
        decibels(layer.sqnr), decibels(layer.alone), Format.percent(layer.saturated),
        "\(number(layer.used.lowerBound)) to \(number(layer.used.upperBound))",
        "\(number(layer.range.lowerBound)) to \(number(layer.range.upperBound))",
      ]
      rows += row(cells, "td")
    }
    return "<table>"
      + row(
        ["layer", "weight bits", "code bits", "SQNR", "alone", "saturated", "used", "range"], "th")
      + rows + "</table>"
  }

  private var trialTable: String {
    guard !report.tried.isEmpty else { return "" }
    let names = report.layers.map(\.name)
    var rows = ""
    for trial in report.tried {
      rows += row(
        [
          RecipeWords(trial.recipe, names: names).short
            + (trial.isScreened ? " (on a quarter of the rows)" : ""),
          trial.heldBack.expectedFlips.map { Format.percent($0) } ?? "",
          decibels(trial.heldBack.sqnr),
        ], "td")
    }
    return "<h2>Recipes tried on held-back calibration rows</h2><table>"
      + row(["recipe", "flips expected", "SQNR"], "th") + rows + "</table>"
  }

  /// How far decisions are from turning, and those that turned.
  private var marginChart: String {
    guard !report.margins.isEmpty else { return "" }
    let most = Double(max(report.margins.map(\.count).max() ?? 1, 1))
    var shapes = ""
    for (index, bin) in report.margins.enumerated() {
      let height = 120 * Double(bin.count) / most
      let turned = 120 * Double(bin.flipped) / most
      let x = 10 + index * 50
      shapes +=
        "<rect x=\"\(x)\" y=\"\(pixel(140 - height))\" width=\"40\" height=\"\(pixel(height))\""
        + " fill=\"var(--bar)\"/><rect x=\"\(x)\" y=\"\(pixel(140 - turned))\" width=\"40\" "
        + "height=\"\(pixel(turned))\" fill=\"var(--bad)\"/>"
        + "<text x=\"\(x + 20)\" y=\"158\" text-anchor=\"middle\">\(number(bin.upTo))</text>"
        + "<text x=\"\(x + 20)\" y=\"\(pixel(136 - height))\" text-anchor=\"middle\">"
        + "\(bin.count)</text>"
    }
    return
      "<h2>Margins of the decisions</h2><p>Decisions by their distance from turning in the float "
      + "model; those that turned are set off.</p><svg viewBox=\"0 0 520 170\" width=\"520\" "
      + "role=\"img\" aria-label=\"histogram of margins\">\(shapes)</svg>"
  }

  private func bars(_ values: [(name: String, value: Double?)], title: String) -> String {
    let finite = values.compactMap { $0.value.flatMap { $0.isFinite ? $0 : nil } }
    let most = max(finite.max() ?? 1, 1)
    var shapes = ""
    for (index, item) in values.enumerated() {
      let value = item.value ?? 0
      let width = 320 * min(max(value / most, 0), 1)
      shapes +=
        "<text x=\"110\" y=\"\(16 + index * 24)\" text-anchor=\"end\">\(escaped(item.name))</text>"
        + "<rect x=\"120\" y=\"\(4 + index * 24)\" width=\"\(pixel(width))\" height=\"16\" "
        + "fill=\"var(--bar)\"/><text x=\"\(pixel(126 + width))\" y=\"\(16 + index * 24)\">"
        + "\(escaped(decibels(item.value)))</text>"
    }
    return
      "<h2>\(escaped(title))</h2><svg viewBox=\"0 0 540 \(values.count * 24 + 8)\" width=\"540\" "
      + "role=\"img\" aria-label=\"\(escaped(title))\">\(shapes)</svg>"
  }

  private func row(_ cells: [String], _ tag: String) -> String {
    "<tr>" + cells.map { "<\(tag)>\(escaped($0))</\(tag)>" }.joined() + "</tr>"
  }

  private func number(_ value: Double) -> String { Format.significant(value, digits: 3) }

  private func pixel(_ value: Double) -> String { Format.fixed(value, decimals: 1) }
}
