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
      .calibrate("Rows to calibrate with", initial: "those in the model")
    ] + Option.quantization + [.flag("--json", "Print the findings as one JSON object")],
    discussion: [
      "Unless options say otherwise it examines plain int8: 8 bits of input with one scale, of"
        + " activations and of output. Every finding was confirmed by applying its fix and measuring"
        + " on calibration rows that were held back. Exits with 1 when there is a finding."
    ],
    examples: [
      Example("nnq doctor model.bin", "Examine a model with its own calibration rows"),
      Example("nnq doctor model.bin field.csv", "Compare those with rows from the field"),
    ]
  ) { arguments, console in
    let input = try ModelInput(arguments.argument("MODEL"))
    let model = try input.float(for: "doctor")
    var settings = try QuantizationSettings(arguments)
    if !arguments.isGiven("--input") { settings.inputWidth = .eight }
    if !arguments.isGiven("--input-scale") { settings.inputScale = .tensor }
    if !arguments.isGiven("--activations") { settings.activations = .eight }
    if !arguments.isGiven("--output") { settings.outputWidth = .eight }
    let calibration = try CalibrationRows(
      tables: arguments.strings("--calibrate"), features: model.features)
    let evaluation = try CalibrationRows(
      tables: arguments.arguments("DATA"), features: model.features)
    let doctor = try naming(input.path) {
      try Doctor(model, settings, calibration: calibration, evaluation: evaluation)
    }
    let data = arguments.argumentIfGiven("DATA") ?? "MORE.csv"
    let lines = doctor.findings.map { FindingWords($0, model: input.path, data: data) }
    if arguments.flag("--json") {
      try console.print(.answer(["findings": .array(lines.map(\.json))]))
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

  init(_ finding: Finding, model: String, data: String) {
    self.finding = finding
    let fix =
      switch finding.fix {
      case .option(let name, let value): "\(name) \(value)"
      case .prune: "--prune"
      case .calibrate: "--calibrate \(data)"
      }
    command = "nnq quantize \(model) \(fix)"
  }

  private var fact: String {
    let number = Format.significant(finding.measure, digits: 3)
    return switch finding.kind {
    case .outlierChannel: "reaches \(number) times as far as 95 % of its readings"
    case .heterogeneousFeatures:
      "the widest feature reaches \(number) times as far as the narrowest"
    case .constantFeature: "\(number) never change on the calibration rows"
    case .deadUnit: "\(number) hand on the same whatever comes in"
    case .saturatedUnit:
      "lies at an end of its function on \(Format.percent(finding.measure)) of the rows"
    case .coarseHead: "8 bits of output lose \(Format.percent(finding.measure))"
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
    case .unknown: "not measured: it needs rows"
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
