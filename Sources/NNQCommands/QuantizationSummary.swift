// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQQuantize
import NNQWords

/// What `nnq quantize` says of its work.
struct QuantizationSummary {
  let report: QuantizationReport
  /// Nil where no budget was set.
  let budget: QuantizeBudget?
  let path: String
  let fileBytes: Int
  let floatBytes: Int
  let flatBytes: Int
  let identity: String

  var json: JSON {
    .answer([
      "output": .string(path),
      "sha256": .string(identity),
      "file_bytes": .integer(fileBytes),
      "flat_bytes": .integer(flatBytes),
      "float_file_bytes": .integer(floatBytes),
      "calibration_rows": .integer(report.calibrationRows),
      "recipe": Self.json(report.chosen),
      "expected": report.heldBack.map(Self.json) ?? .null,
      "equalize": .string(report.equalization.rawValue),
      "tried": .array(
        report.tried.map { trial in
          [
            "recipe": Self.json(trial.recipe), "sqnr_db": JSON(trial.heldBack.sqnr),
            "expected_flips": JSON(trial.heldBack.expectedFlips),
            "flipped": .integer(trial.heldBack.flipped),
            "screened": .boolean(trial.isScreened),
          ]
        }),
      "front": budget?.json ?? .null,
      "flipped": .integer(report.flipped),
      "decisions": .integer(report.decisions),
      "margins": .array(
        report.margins.map {
          [
            "up_to": .number($0.upTo), "count": .integer($0.count),
            "flipped": .integer($0.flipped),
          ]
        }),
      "layers": .array(
        report.layers.enumerated().map { index, layer in
          [
            "index": .integer(index), "name": .string(layer.name), "sqnr_db": JSON(layer.sqnr),
            "saturated": .number(layer.saturated), "alone_sqnr_db": JSON(layer.alone),
            "range": [.number(layer.range.lowerBound), .number(layer.range.upperBound)],
            "used": [.number(layer.used.lowerBound), .number(layer.used.upperBound)],
            "output_bits": .integer(Int(layer.outputWidth.rawValue)),
            "weight_bits": layer.weightWidth.map { .integer(Int($0.rawValue)) } ?? .null,
          ]
        }),
    ])
  }

  /// What is expected on rows that did not calibrate.
  static func json(_ held: HeldBack) -> JSON {
    ["sqnr_db": JSON(held.sqnr), "flips": JSON(held.expectedFlips)]
  }

  static func json(_ recipe: Recipe) -> JSON {
    [
      "input_scale": .string(recipe.inputScale.rawValue),
      "input_bits": .integer(Int(recipe.inputWidth.rawValue)),
      "activation_bits": .array(recipe.activations.map { .integer(Int($0.rawValue)) }),
      "weight_bits": .array(recipe.weights.map { .integer(Int($0.rawValue)) }),
    ]
  }

  func text(style: Style) -> String {
    var table = Table([
      .text("layer"), .number("SQNR"), .number("alone"), .number("saturated"), .number("used"),
    ])
    for layer in report.layers {
      let span = layer.range.upperBound - layer.range.lowerBound
      let used = (layer.used.upperBound - layer.used.lowerBound) / max(span, .leastNormalMagnitude)
      table.add([
        layer.name, decibels(layer.sqnr), decibels(layer.alone), Format.percent(layer.saturated),
        Format.percent(used),
      ])
    }
    return """
      \(budget?.text(style: style) ?? "")\(choice)
      \(table.text(style: style))\(decisions)\
      \(printable(path)): \(Format.bytes(fileBytes)), flat image \(Format.bytes(flatBytes))

      """
  }

  /// The decisions on the calibration rows; empty for a regression.
  var decisions: String {
    guard report.decisions > 0 else { return "" }
    let interval = binomialInterval(hits: report.flipped, trials: report.decisions)
    return "\(report.flipped) of \(report.decisions) decisions flipped on the calibration rows "
      + "(95 % interval \(Format.percent(interval.lowerBound)) to "
      + "\(Format.percent(interval.upperBound)))\n"
  }

  /// One line on what was chosen and why.
  var choice: String {
    let recipe = RecipeWords(report.chosen, names: report.layers.map(\.name)).whole
    let whole =
      report.equalization == .none
      ? recipe : recipe + ", units equalized by \(report.equalization.rawValue)"
    if let blindness = report.blindness { return "\(whole): \(blindness.sentence)" }
    guard let held = report.heldBack else {
      return "\(whole): \(decibels(report.layers.last?.sqnr)) on "
        + "\(report.calibrationRows) calibration rows"
    }
    let others = report.tried.filter { $0.recipe != report.chosen }.map {
      "\(RecipeWords($0.recipe, names: report.layers.map(\.name)).short) \(quality($0.heldBack))"
    }
    return "\(whole): \(quality(held)) on held-back calibration rows"
      + (others.isEmpty ? "" : " (\(others.joined(separator: "; ")))")
  }

  /// What is lost, where that is far more than rounding: nil where the model is sound or nothing is
  /// known.
  var loss: String? {
    let sqnr = report.heldBack?.sqnr ?? report.layers.last?.sqnr ?? .infinity
    let turned = Double(report.flipped) / Double(max(report.decisions, 1))
    let flips = max(report.heldBack?.expectedFlips ?? 0, turned)
    guard flips > Self.mostFlips || sqnr < Self.leastSQNR else { return nil }
    return (report.decisions > 0 ? "\(Format.percent(flips)) of the decisions turn, " : "")
      + decibels(sqnr)
  }

  /// A sound int8 model has 30 dB and more, one with 4-bit weights about 20.
  private static let leastSQNR = 15.0
  private static let mostFlips = 0.02

  private func quality(_ held: HeldBack) -> String {
    let flips = held.expectedFlips.map { "\(Format.percent($0)) flips expected, " } ?? ""
    return flips + decibels(held.sqnr)
  }
}

extension Blindness {
  var sentence: String {
    switch self {
    case .fewRows(let rows):
      "nothing is known of other rows: some are held back of \(Self.leastRows) calibration rows and"
        + " more, and these are \(rows)"
    case .constant:
      "nothing is known of other rows: the float model answers all calibration rows alike"
    }
  }
}

/// A recipe in words.
struct RecipeWords {
  let whole: String
  let short: String

  init(_ recipe: Recipe, names: [String]) {
    let wide = recipe.wideLayers.map { names[$0] }
    let isAll = wide.count == recipe.activations.count - 1
    let activations =
      wide.isEmpty
      ? "" : isAll ? ", 16-bit activations" : ", 16-bit after \(wide.joined(separator: " and "))"
    let four = recipe.weights.indices.filter { recipe.weights[$0] == .four }.map { names[$0] }
    let weights =
      four.isEmpty
      ? ""
      : four.count == names.count
        ? ", 4-bit weights" : ", 4-bit weights in \(four.joined(separator: " and "))"
    short =
      "\(recipe.inputWidth.rawValue)-bit input by \(recipe.inputScale.rawValue)"
      + activations + weights
    whole = "int8 with \(recipe.outputWidth.rawValue)-bit output, \(short)"
  }
}

/// For example `38.2 dB`; a layer that loses nothing has no noise, a constant one no signal.
func decibels(_ ratio: Double?) -> String {
  guard let ratio else { return "constant" }
  return ratio.isFinite ? "\(Format.fixed(ratio, decimals: 1)) dB" : "exact"
}
