// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQReference

/// How many given output codes each rounding rule reproduces.
struct RuleMatch {
  let rule: RoundingRule
  let equal: Int
  let codes: Int

  var isExact: Bool { equal == codes }
  var agreement: Double { Double(equal) / Double(max(codes, 1)) }

  /// Runs the rows under every rule; empty unless the outputs are codes of an int8 model.
  static func all(
    _ input: ModelInput, _ rows: ComparedRows, _ given: GivenOutputs
  ) throws(Failure) -> [RuleMatch] {
    guard given.codes(0) != nil else { return [] }
    var matches: [RuleMatch] = []
    for rule in RoundingRule.allCases {
      let predictor = try input.comparedPredictor(rule)
      var (equal, codes) = (0, 0)
      for row in 0..<rows.rows {
        let own = rows.prediction(predictor, row).codes
        codes += own.count
        equal += zip(own, given.codes(row) ?? []).count { $0 == $1 }
      }
      matches.append(RuleMatch(rule: rule, equal: equal, codes: codes))
    }
    return matches
  }
}

extension [RuleMatch] {
  /// The names of the rules that give every code.
  var exact: [String] { filter(\.isExact).map(\.rule.rawValue) }
}

extension ModelInput {
  /// The model as `nnq diff` runs it; a flat image takes codes alone.
  ///
  /// - Throws: ``Failure`` for a float model under a rule for int8 models.
  func comparedPredictor(_ rule: RoundingRule?) throws(Failure) -> any Predictor {
    switch model {
    case .image(let image): return try naming(path) { try Int8Predictor(image, rule: rule) }
    case .float where rule != nil:
      throw Failure(
        .badInput, "\(named(path)): a float model where --semantics needs an int8 model",
        hint: "quantize it first")
    case .float, .int8: return try predictor(rule)
    }
  }
}
