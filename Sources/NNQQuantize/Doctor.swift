// SPDX-License-Identifier: Apache-2.0
public import NNQFormat

/// Finds what makes a model suffer under quantization, and confirms each finding by applying its fix.
///
/// What is examined is what ``Int8Model/quantizing(_:_:calibration:)`` makes with the same settings, and
/// a fix is judged by what it makes with the fixed ones. A finding whose fix gains less than 3 dB and
/// does not halve a loss of decisions is left out, so that a model that quantizes well has none.
public struct Doctor {
  private let float: FloatModel
  private let rows: CalibrationRows
  private let settings: QuantizationSettings
  private let plan: QuantizationPlan
  private let before: HeldBack
  public private(set) var findings: [Finding] = []

  /// What is examined.
  public var recipe: Recipe { plan.recipe }
  /// What it does on rows held back; nil where they tell nothing.
  public var heldBack: HeldBack? { plan.blindness == nil ? before : nil }

  private var model: FloatModel { plan.model }
  private var pass: CalibrationPass { plan.pass }

  /// - Parameters:
  ///   - settings: what is examined.
  ///   - evaluation: rows that the model is to be used on, or nil.
  /// - Throws: ``QuantizationError``.
  public init(
    _ model: FloatModel, _ settings: QuantizationSettings, calibration: CalibrationRows? = nil,
    evaluation: CalibrationRows? = nil
  ) throws(QuantizationError) {
    guard let rows = calibration ?? model.calibration else { throw .noCalibrationRows }
    float = model
    self.rows = rows
    self.settings = settings
    plan = try QuantizationPlan(model, rows, settings)
    before = try plan.heldBack()
    try checkFeatures()
    try checkUnits()
    try checkHead()
    try checkBiases()
    try checkLayers()
    try checkBalance()
    try checkRows(evaluation)
  }

  // MARK: - The rules

  /// Features whose reach is far beyond what they mostly do, or that differ much from each other.
  private mutating func checkFeatures() throws(QuantizationError) {
    let constant = pass.constantFeatures().map(\.feature)
    if let first = constant.first {
      let others = constant.count == 1 ? "" : " and \(constant.count - 1) more"
      try checkPruning(.constantFeature, model.features[first].name + others, constant.count)
    }
    guard recipe.inputWidth == .eight, !model.sharesInputScale else { return }
    let sizes = model.features.indices.map { feature in
      pass.inputs.map { Double(abs($0[feature])) }.sorted()
    }
    for (feature, sorted) in sizes.enumerated() {
      // Against the feature's own readings, whatever their unit; where most are 0, those in its mean.
      let common = sorted[sorted.count * 95 / 100]
      let usual = common > 0 ? common : sorted.reduce(0, +) / Double(sorted.count)
      guard let reach = sorted.last, usual > 0, reach > 10 * usual else { continue }
      try add(.outlierChannel, model.features[feature].name, reach / usual, .input16)
    }
    let reaches = sizes.enumerated().filter { !constant.contains($0.offset) }
      .compactMap { $0.element.last }
    guard let least = reaches.min(), let most = reaches.max(), least > 0, most > 10 * least,
      recipe.inputScale == .tensor
    else { return }
    try add(.heterogeneousFeatures, "input", most / least, .inputScale)
  }

  /// Hidden units that say nothing.
  private mutating func checkUnits() throws(QuantizationError) {
    for index in model.layers.indices.dropLast() {
      let activation = model.layers[index].activation
      let constant = pass.constantUnits(ofLayer: index, activation).map(\.unit)
      if let place = Self.place(name(index), units: constant) {
        try checkPruning(.deadUnit, place, constant.count)
      }
      guard [.tanh, .sigmoid].contains(activation) else { continue }
      let middle: Float = activation == .tanh ? 0 : 0.5
      let reach: Float = activation == .tanh ? 1 : 0.5
      var shares: [(unit: Int, share: Double)] = []
      for unit in 0..<model.layers[index].outputs where !constant.contains(unit) {
        let values = pass.outputs[index].map { ($0[unit] - middle) / reach }
        let share = Double(values.count { abs($0) > 0.99 }) / Double(values.count)
        if share > 0.95 { shares.append((unit, share)) }
      }
      guard let place = Self.place(name(index), units: shares.map(\.unit)) else { continue }
      try add(
        .saturatedUnit, place, shares.map(\.share).min() ?? 0, .activations16, .input16, .prune)
    }
  }

  /// Eight bits of output that turn decisions.
  private mutating func checkHead() throws(QuantizationError) {
    guard recipe.outputWidth == .eight else { return }
    try add(.coarseHead, name(model.layers.count - 1), before.loss, .output16)
  }

  /// Biases that leave their weights no room in 32 bits, or their outputs none in their codes.
  private mutating func checkBiases() throws(QuantizationError) {
    for (index, layer) in model.layers.enumerated().dropLast() {
      let spread = Float(
        max(abs(pass.sumRanges[index].lowerBound), abs(pass.sumRanges[index].upperBound)))
      let reaches = pass.sums[index].columnRanges.map { $0.upperBound - $0.lowerBound }
      let large = layer.bias.indices.filter { unit in
        Double(abs(layer.bias[unit])) > 20 * max(reaches[unit], 1e-30)
          && abs(layer.bias[unit]) >= 0.5 * spread
      }
      guard let place = Self.place(name(index), units: large) else { continue }
      let factor = large.map { Double(abs(layer.bias[$0])) / max(reaches[$0], 1e-30) }.max() ?? 0
      try add(.largeBias, place, factor, .activations16, .prune)
    }
  }

  /// One layer that makes most of the noise. What a layer's codes lose is also what the layer behind
  /// it takes in, so a share of 0.4 of all noises is most.
  private mutating func checkLayers() throws(QuantizationError) {
    guard before.loss > HeldBack.toleratedLoss, model.layers.count > 2 else { return }
    let candidate = try Candidate(
      model, pass, plan.settings, recipe, rounding: plan.settings.rounding(toJudge: recipe))
    let noises = candidate.sensitivities(model, pass, threads: settings.threads).map {
      $0.map(powerOfNoise) ?? 0
    }
    let total = noises.reduce(0, +)
    guard let worst = noises.indices.max(by: { noises[$0] < noises[$1] }), total > 0,
      noises[worst] > 0.4 * total, worst < model.layers.count - 1
    else { return }
    let share = noises[worst] / total
    if recipe.weights[worst] == .four {
      try add(.dominantLayer, name(worst), share, .mixedWeights, .weights8)
    } else {
      try add(.dominantLayer, name(worst), share, .activations16)
    }
  }

  /// Units of one layer that share scales although their weights differ much in size.
  private mutating func checkBalance() throws(QuantizationError) {
    guard plan.settings.equalization == .none else { return }
    var worst = (layer: 0, spread: 0.0, factors: [Float]())
    for (layer, factors) in model.unitFactors(.half).enumerated() {
      guard let factors, let least = factors.min(), let most = factors.max() else { continue }
      let spread = Double(most / least)
      if spread > worst.spread { worst = (layer, spread, factors) }
    }
    guard worst.spread >= 8 else { return }
    let middle = worst.factors.sorted()[worst.factors.count / 2]
    let far = worst.factors.indices.filter {
      max(worst.factors[$0] / middle, middle / worst.factors[$0]) >= 4
    }
    let place = Self.place(name(worst.layer), units: far) ?? name(worst.layer)
    try add(.unbalancedUnits, place, worst.spread, .equalize)
  }

  /// Rows that are too few or unlike those that the model meets.
  private mutating func checkRows(
    _ evaluation: CalibrationRows?
  ) throws(QuantizationError) {
    let isFew = rows.rows < Blindness.leastRows
    guard let evaluation else {
      if isFew {
        findings.append(
          Finding(
            kind: .fewRows, place: "calibration", measure: Double(rows.rows), fix: .calibrate,
            gain: .unknown))
      }
      return
    }
    let met = try CalibrationPass(model, evaluation)
    // The first half calibrates, the second one judges.
    let first = CalibrationPass(met, rows: Array(0..<max(met.rows / 2, 1)))
    let second = CalibrationPass(met, rows: Array(met.rows / 2..<met.rows))
    let own = try HeldBack(model, fitted: pass, held: second, plan.settings, recipe)
    let other = try HeldBack(model, fitted: first, held: second, plan.settings, recipe)
    guard let gain = Self.gain(own, other) else { return }
    if isFew {
      findings.append(
        Finding(
          kind: .fewRows, place: "calibration", measure: Double(rows.rows), fix: .calibrate,
          gain: gain))
    }
    var worst = (feature: 0, share: 0.0)
    for feature in model.features.indices {
      let seen = pass.inputs.map { $0[feature] }
      guard let low = seen.min(), let high = seen.max() else { continue }
      let outside = met.inputs.count { $0[feature] < low || $0[feature] > high }
      let share = Double(outside) / Double(met.rows)
      if share > worst.share { worst = (feature, share) }
    }
    guard worst.share > 0.02 else { return }
    findings.append(
      Finding(
        kind: .unlikeRows, place: model.features[worst.feature].name, measure: worst.share,
        fix: .calibrate, gain: gain))
  }

  // MARK: - Confirmation

  /// Adds a finding with the first fix that gains. Where none does although decisions or values are
  /// not kept, what only training cures is added all the same.
  private mutating func add(
    _ kind: Finding.Kind, _ place: String, _ measure: Double, _ fixes: Cure...
  ) throws(QuantizationError) {
    guard plan.blindness == nil, !before.isKept else { return }
    for cure in fixes {
      let cured = cure.applied(to: settings)
      guard cured != settings,
        let gain = Self.gain(before, try QuantizationPlan(float, rows, cured).heldBack())
      else { continue }
      findings.append(
        Finding(kind: kind, place: place, measure: measure, fix: cure.fix, gain: gain))
      return
    }
    guard [.saturatedUnit, .largeBias].contains(kind) else { return }
    findings.append(
      Finding(kind: kind, place: place, measure: measure, fix: .trainNormalized, gain: .unknown))
  }

  /// Adds a finding of what can be left out.
  private mutating func checkPruning(
    _ kind: Finding.Kind, _ place: String, _ count: Int
  ) throws(QuantizationError) {
    guard !settings.prunes else { return }
    func weights(_ model: FloatModel) -> Int {
      model.layers.reduce(0) { $0 + $1.weights.count { $0 != 0 } }
    }
    findings.append(
      Finding(
        kind: kind, place: place, measure: Double(count), fix: .prune,
        gain: .weights(
          before: weights(float), after: weights(try float.pruned(calibration: rows)))))
  }

  /// Nil where it is too small to speak of, or where nothing was lost to begin with.
  private static func gain(_ before: HeldBack, _ after: HeldBack) -> Finding.Gain? {
    guard before.loss > HeldBack.toleratedLoss else { return nil }
    if let old = before.expectedFlips, let new = after.expectedFlips, new <= old / 2 {
      return .flips(before: old, after: new)
    }
    guard let old = before.sqnr, let new = after.sqnr, new >= old + 3 else { return nil }
    return .sqnr(before: old, after: new)
  }

  private static func place(_ layer: String, units: [Int]) -> String? {
    guard !units.isEmpty else { return nil }
    let shown = units.prefix(8).map(String.init).joined(separator: ", ")
    let more = units.count > 8 ? " and \(units.count - 8) more" : ""
    return "\(layer), unit\(units.count == 1 ? "" : "s") \(shown)\(more)"
  }

  private func name(_ layer: Int) -> String {
    "\(model.layers[layer].operation.kind.name)\(layer)"
  }
}
