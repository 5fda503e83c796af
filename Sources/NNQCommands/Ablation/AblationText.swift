// SPDX-License-Identifier: Apache-2.0

extension Ablation {
  /// One line for each training; differences are to the base, seed by seed.
  var table: Table {
    var table = Table([
      .text("what"), .text("change"), .number(metric), .number("95 % interval"),
      .number("difference"), .number("95 % interval"), .text(""), .number("rows"),
      .number("parameters"), .number("MACs"), .number("time"),
    ])
    for result in [base] + changes {
      let difference = result.variant.map { _ in result.difference(to: base) }
      let trial = result.trials[0]
      table.add([
        result.aspect, result.name, Format.significant(result.interval.mean, digits: 5),
        Self.words(range(result.interval)),
        difference.map { Self.signed($0.mean) } ?? "",
        Self.words(difference.flatMap { range(ofDifference: $0) }),
        difference.map(verdict) ?? "", "\(trial.rowsFitted)", "\(trial.parameters)",
        "\(trial.macs)", Format.time(seconds: result.seconds),
      ])
    }
    return table
  }

  /// `better` or `worse` where the difference is larger than the noise.
  private func verdict(_ difference: StudentInterval) -> String {
    guard difference.excludesZero else { return "" }
    return (difference.mean > 0) == higherIsBetter ? "better" : "worse"
  }

  /// What can be said of it all, a sentence each.
  var conclusions: [String] {
    guard seeds.count > 1 else {
      return ["one seed tells nothing of the noise: give at least two with --seeds"]
    }
    let settings = changes.filter { $0.variant?.aspect != .rows }
    var sentences: [String] = []
    let found = settings.map { ($0, $0.difference(to: base)) }.filter { $1.excludesZero }
    for (result, difference) in found {
      sentences.append(
        "\(result.aspect) \(result.name): \(metric) \(Self.signed(difference.mean))"
          + " (\(Self.words(range(ofDifference: difference)))), \(verdict(difference)) than the base by more than"
          + " the noise of \(seeds.count) seeds")
    }
    if !settings.isEmpty {
      sentences.append(
        found.isEmpty
          ? "no difference found: none of \(settings.count) changes differs from the base by more"
            + " than the noise of \(seeds.count) seeds"
          : "\(found.count) of \(settings.count) changes differ; one in 20 would by chance alone")
    }
    if let sentence = learningCurveSentence { sentences.append(sentence) }
    return sentences
  }

  /// Whether more rows would help, from what the last doubling of the rows brought.
  private var learningCurveSentence: String? {
    guard let half = learningCurve.dropLast().last else { return nil }
    let gain = base.difference(to: half)
    let rows = "\(half.trials[0].rowsFitted) to \(base.trials[0].rowsFitted) rows"
    let facts =
      "\(metric) \(Self.signed(gain.mean)) (\(Self.words(range(ofDifference: gain)))) from \(rows)"
    guard let range = range(ofDifference: gain) else { return nil }
    if !gain.excludesZero {
      let most = higherIsBetter ? range.upperBound : -range.lowerBound
      return "more rows: no gain found: \(facts); another doubling is unlikely to bring more than"
        + " \(Format.significant(max(0, most), digits: 2))"
    }
    return (gain.mean > 0) == higherIsBetter
      ? "more rows would help: \(facts), and the next doubling usually brings a little less"
      : "more rows did harm: \(facts); are the rows in several orders, or of several kinds?"
  }

  static func signed(_ value: Double) -> String {
    (value > 0 ? "+" : "") + Format.significant(value, digits: 3)
  }

  static func words(_ range: ClosedRange<Double>?) -> String {
    guard let range else { return "" }
    return "\(Format.significant(range.lowerBound, digits: 4)) to "
      + Format.significant(range.upperBound, digits: 4)
  }

  /// An interval of the metric's mean, as far as the metric goes: Student's knows no bounds.
  private func range(_ interval: StudentInterval) -> ClosedRange<Double>? {
    interval.range.map { $0.clamped(to: metricRange) }
  }

  /// An interval of a difference of means, as far as differences of the metric go.
  private func range(ofDifference interval: StudentInterval) -> ClosedRange<Double>? {
    let width = metricRange.upperBound - metricRange.lowerBound
    return interval.range.map { $0.clamped(to: -width...width) }
  }

  // MARK: - JSON

  private static func json(_ range: ClosedRange<Double>?) -> JSON {
    range.map { JSON([$0.lowerBound, $0.upperBound]) } ?? .null
  }

  var json: JSON {
    .answer([
      "metric": .string(metric), "higher_is_better": .boolean(higherIsBetter),
      "seeds": .array(seeds.map { .integer(Int($0)) }), "confidence": .number(0.95),
      "base": object(base, nil),
      "changes": .array(changes.map { object($0, $0.difference(to: base)) }),
      "refused": .array(
        refused.map {
          [
            "what": .string($0.variant.aspect.rawValue), "change": .string($0.variant.name),
            "reason": .string($0.failure.sentence),
          ]
        }),
      "conclusions": JSON(conclusions),
    ])
  }

  private func object(_ result: Result, _ difference: StudentInterval?) -> JSON {
    var members: [(key: String, value: JSON)] = [
      ("what", .string(result.aspect)), ("change", .string(result.name)),
      ("values", JSON(result.values)), ("mean", .number(result.interval.mean)),
      ("interval", Self.json(range(result.interval))),
    ]
    if let difference {
      members.append(("difference", .number(difference.mean)))
      members.append(("difference_interval", Self.json(range(ofDifference: difference))))
    }
    let trial = result.trials[0]
    members += [
      ("rows_fitted", .integer(trial.rowsFitted)), ("parameters", .integer(trial.parameters)),
      ("macs", .integer(trial.macs)), ("seconds", .number(result.seconds)),
      ("diverged", .integer(result.trials.count(where: \.diverged))),
    ]
    return .object(members)
  }
}
