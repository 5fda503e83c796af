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
      "input_scale": .string(report.inputScale.rawValue),
      "tried": .array(
        report.tried.map {
          ["input_scale": .string($0.inputScale.rawValue), "sqnr_db": JSON($0.sqnr)]
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
    let bits = "int8 with \(report.outputWidth.rawValue)-bit output"
    let scale =
      report.inputScale == .feature ? "one input scale a feature" : "one input scale for all"
    let rows = "\(report.calibrationRows) calibration rows"
    let others = report.tried.filter { $0.inputScale != report.inputScale }
    guard let other = others.first,
      let own = report.tried.first(where: { $0.inputScale == report.inputScale })
    else { return "\(bits), \(scale), \(rows)" }
    return "\(bits), \(scale): \(decibels(own.sqnr)) on \(rows), "
      + "the other way \(decibels(other.sqnr))"
  }
}

/// For example `38.2 dB`; a layer that loses nothing has no noise to measure.
func decibels(_ ratio: Double?) -> String {
  ratio.map { "\(Format.fixed($0, decimals: 1)) dB" } ?? "exact"
}
