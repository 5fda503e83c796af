// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQQuantize
import NNQWords

extension Command {
  static let doctor = Command(
    name: "doctor", summary: "Say why a model suffers under quantization, and what cures it",
    arguments: [
      Argument(name: "MODEL", help: "A float model"),
      Argument(
        name: "DATA", help: "Rows that the model is to be used on", count: .optional),
    ],
    options: [
      .calibrate("Rows to calibrate with", initial: "those in the model"), .ignore,
    ] + Option.quantization + [.flag("--json", "Print the findings as one JSON object")],
    discussion: [
      "Examines what quantize makes with the same options, and judges each fix by what quantize makes"
        + " with it, on calibration rows that were held back. Exits with 1 when there is a finding."
    ],
    examples: [
      Example("nnq doctor model.bin", "Examine a model with its own calibration rows"),
      Example("nnq doctor model.bin field.csv", "Compare those with rows from the field"),
    ]
  ) { arguments, console in
    let input = try ModelInput(arguments.argument("MODEL"))
    let model = try input.float(for: "doctor")
    let settings = try QuantizationSettings(arguments)
    let ignored = try arguments.ignoredColumns(
      features: model.features,
      hasTable: arguments.argumentIfGiven("DATA") != nil
        || arguments.isGiven("--calibrate"))
    let calibration = try CalibrationRows(
      tables: arguments.strings("--calibrate"), for: model, ignored: ignored)
    let evaluation = try CalibrationRows(
      tables: arguments.arguments("DATA"), for: model, ignored: ignored)
    let doctor = try naming(input.path) {
      try Doctor(model, settings, calibration: calibration, evaluation: evaluation)
    }
    let data = arguments.argumentIfGiven("DATA") ?? "MORE.csv"
    let lines = doctor.findings.map {
      FindingWords($0, command: arguments.fixCommand($0.fix, data: data))
    }
    if arguments.flag("--json") {
      try console.print(
        .answer([
          "recipe": QuantizationSummary.json(doctor.recipe),
          "expected": doctor.heldBack.map(QuantizationSummary.json) ?? .null,
          "findings": .array(lines.map(\.json)),
        ]))
    } else if lines.isEmpty {
      try console.print("\(printable(input.path)): nothing found")
    } else {
      for line in lines { try console.write(line.text(style: console.style)) }
    }
    return lines.isEmpty ? .success : .no
  }
}

/// A finding in words.
private struct FindingWords {
  let finding: Finding
  private let command: String

  init(_ finding: Finding, command: String) {
    self.finding = finding
    self.command = command
  }

  private var fact: String {
    let number = Format.significant(finding.measure, digits: 3)
    return switch finding.kind {
    case .outlierChannel: "reaches \(number) times as far as 95 % of its readings"
    case .heterogeneousFeatures:
      "the widest feature reaches \(number) times as far as the narrowest"
    case .constantFeature: "\(number) never change on the calibration rows"
    case .deadUnit: "\(number) in all hand on the same whatever comes in"
    case .saturatedUnit:
      "at an end of the function on \(Format.percent(finding.measure)) of the rows or more"
    case .coarseHead: "8 bits of output are too coarse for it"
    case .largeBias: "its bias is \(number) times as large as its sums vary"
    case .unlikeRows:
      "\(Format.percent(finding.measure)) of the rows lie outside of what calibration saw"
    case .fewRows: "\(number) calibration rows are too few"
    case .dominantLayer:
      "makes \(Format.percent(finding.measure)) of the noise that single layers make"
    case .unbalancedUnits: "units differ by a factor of \(number) in what equalizing would even out"
    }
  }

  private var gain: String {
    switch finding.gain {
    case .sqnr(let before, let after): "\(decibels(before)) becomes \(decibels(after))"
    case .flips(let before, let after):
      "\(Format.percent(before)) of the decisions expected to flip become \(Format.percent(after))"
    case .weights(let before, let after): "\(before) weights become \(after)"
    case .unknown:
      finding.fix == .calibrate
        ? "not measured: it needs rows" : "not measured: no option of quantize helps"
    }
  }

  func text(style: Style) -> String {
    """
    \(style.bold(finding.kind.rawValue)): \(printable(finding.place)): \(fact)
      fix   \(printable(command))
      gain  \(gain)

    """
  }

  var json: JSON {
    let measured: JSON =
      switch finding.gain {
      case .sqnr(let before, let after):
        ["unit": "sqnr_db", "before": .number(before), "after": .number(after)]
      case .flips(let before, let after):
        ["unit": "expected_flips", "before": .number(before), "after": .number(after)]
      case .weights(let before, let after):
        ["unit": "weights", "before": .integer(before), "after": .integer(after)]
      case .unknown: .null
      }
    return [
      "kind": .string(finding.kind.rawValue), "place": .string(finding.place),
      "measure": .number(finding.measure), "fix": .string(command), "gain": measured,
    ]
  }
}
