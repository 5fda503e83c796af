// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// A model beside what `--cost` or `--fit-temperature` made of it, both measured on the same rows.
struct ModelChange {
  enum Kind {
    case threshold(Cost)
    case temperature(Temperature)
  }

  let kind: Kind
  let changed: ModelInput
  /// Of the model as it stands, and changed.
  let thresholds: (before: [Double], after: [Double])
  let outcomes: (before: Outcomes, after: Outcomes)

  /// Makes the change and runs the changed model over the rows, so that every figure is what the
  /// written file does; nil when none is asked for.
  init?(
    _ input: ModelInput, _ options: EvaluationOptions, _ rows: ModelRows,
    _ predictions: [Prediction], _ truths: Truths, _ before: Outcomes
  ) throws(Failure) {
    if let cost = options.cost {
      kind = .threshold(cost)
      changed = try input.choosingThresholds(cost, for: before, of: rows)
    } else if options.fitsTemperature {
      let temperature = Temperature(predictions, before)
      kind = .temperature(temperature)
      changed = try input.divided(by: temperature, fittedOn: rows)
    } else {
      return nil
    }
    let predictor = try changed.predictor()
    thresholds = (input.task?.thresholds ?? [], predictor.task.thresholds)
    outcomes = (before, Outcomes(rows.predictions(predictor), truths, predictor.task))
  }

  /// How many decisions are others than before.
  var changedDecisions: Int {
    zip(outcomes.before.decisions, outcomes.after.decisions).count { $0 != $1 }
  }

  private var named: [(name: String, before: Double, after: Double)] {
    let names =
      outcomes.before.kind == .multilabel
      ? outcomes.before.names.map { "threshold.\($0)" } : ["threshold"]
    return zip(names, zip(thresholds.before, thresholds.after)).map { ($0, $1.0, $1.1) }
  }

  /// What is compared: a name and the figure of both models.
  private var figures: [(name: String, before: Double?, after: Double?)] {
    let (before, after) = outcomes
    switch kind {
    case .threshold(let cost):
      let mistakes = (before.mistakes(), after.mistakes())
      return named + [
        (
          "false_positives", Double(mistakes.0.falsePositives), Double(mistakes.1.falsePositives)
        ),
        (
          "false_negatives", Double(mistakes.0.falseNegatives), Double(mistakes.1.falseNegatives)
        ),
        ("cost", before.costPerRow(cost), after.costPerRow(cost)),
      ]
    case .temperature:
      let metrics = (before.metrics(), after.metrics())
      return ["ece", "log_loss", "accuracy"].map { ($0, metrics.0[$0], metrics.1[$0]) }
    }
  }

  func text(style: Style) -> String {
    let heading =
      switch kind {
      case .threshold(let cost):
        "least cost at fp=\(Format.significant(cost.falsePositive, digits: 6))"
          + " fn=\(Format.significant(cost.falseNegative, digits: 6))"
      case .temperature(let temperature): "temperature \(temperature.value)"
      }
    let isThreshold = if case .threshold = kind { true } else { false }
    var table = Table([
      .text(heading), .number("as it stands"), .number(isThreshold ? "chosen" : "divided"),
    ])
    for (name, before, after) in figures {
      table.add([
        name == "cost" ? "cost of a row" : name.replacing("_", with: " "),
        before.map { Format.significant($0, digits: 6) } ?? "-",
        after.map { Format.significant($0, digits: 6) } ?? "-",
      ])
    }
    return table.text(style: style)
  }

  /// What a user should know of the change; nil when there is nothing.
  var caution: String? {
    switch kind {
    case .temperature(let temperature) where temperature.isAtEnd:
      "the rows ask for a temperature beyond \(temperature.value), or for none: too few, or"
        + " no decision is wrong"
    case .temperature where changedDecisions > 0:
      "rounding turned \(changedDecisions) of \(outcomes.before.decisions.count) decisions"
    case .temperature: nil
    case .threshold:
      zip(thresholds.after.indices, thresholds.after).contains { isConstant($0.0) }
        ? "the cheapest threshold gives every row the same answer" : nil
    }
  }

  private func isConstant(_ column: Int) -> Bool {
    let after = outcomes.after
    let own = stride(from: column, to: after.decisions.count, by: after.width).map {
      after.decisions[$0]
    }
    return own.allSatisfy { $0 == own.first }
  }

  /// `threshold` or `temperature` and the figures of both models.
  var json: (key: String, value: JSON) {
    func side(_ value: ((name: String, before: Double?, after: Double?)) -> Double?) -> JSON {
      .object(figures.map { (key: $0.name, value: JSON(value($0))) })
    }
    var members: [(key: String, value: JSON)] = []
    let key: String
    switch kind {
    case .threshold(let cost):
      key = "threshold"
      members.append(("fp", .number(cost.falsePositive)))
      members.append(("fn", .number(cost.falseNegative)))
    case .temperature(let temperature):
      key = "temperature"
      members.append(("value", .number(temperature.value)))
    }
    members.append(("stored", side { $0.before }))
    members.append(("chosen", side { $0.after }))
    members.append(("changed_decisions", .integer(changedDecisions)))
    return (key, .object(members))
  }
}
