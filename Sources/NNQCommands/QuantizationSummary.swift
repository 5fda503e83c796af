// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQQuantize

/// What `nnq quantize` says of its work.
struct QuantizationSummary {
  let report: QuantizationReport
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
      "input_scale": .string(report.chosen.inputScale.rawValue),
      "input_bits": .integer(Int(report.chosen.inputWidth.rawValue)),
      "tried": .array(
        report.tried.map {
          [
            "input_scale": .string($0.inputScale.rawValue),
            "input_bits": .integer(Int($0.inputWidth.rawValue)), "sqnr_db": JSON($0.sqnr),
          ]
        }),
      "output_bits": .integer(Int(report.outputWidth.rawValue)),
      "layers": .array(
        report.layers.enumerated().map { index, layer in
          [
            "index": .integer(index), "name": .string(layer.name), "sqnr_db": JSON(layer.sqnr),
            "saturated": .number(layer.saturated),
          ]
        }),
    ])
  }

  func text(style: Style) -> String {
    var table = Table([.text("layer"), .number("SQNR"), .number("saturated")])
    for layer in report.layers {
      table.add([layer.name, decibels(layer.sqnr), Format.percent(layer.saturated)])
    }
    return """
      \(choice)
      \(table.text(style: style))\
      \(printable(path)): \(Format.bytes(fileBytes)), flat image \(Format.bytes(flatBytes))

      """
  }

  /// One line on what was chosen and why.
  private var choice: String {
    let own = report.chosen
    let line =
      "int8 with \(report.outputWidth.rawValue)-bit output, \(words(own)): \(decibels(own.sqnr)) on "
      + "\(report.calibrationRows) calibration rows"
    let others = report.tried.filter { $0 != own }.map { "\(words($0)) \(decibels($0.sqnr))" }
    return others.isEmpty ? line : line + " (\(others.joined(separator: ", ")))"
  }

  private func words(_ trial: QuantizationReport.Trial) -> String {
    "\(trial.inputWidth.rawValue)-bit input by \(trial.inputScale.rawValue)"
  }
}

/// For example `38.2 dB`; a layer that loses nothing has no noise, a constant one no signal.
func decibels(_ ratio: Double?) -> String {
  guard let ratio else { return "constant" }
  return ratio.isFinite ? "\(Format.fixed(ratio, decimals: 1)) dB" : "exact"
}
