// SPDX-License-Identifier: Apache-2.0
public import NNQFormat

/// Finds what makes a model suffer under quantization, and confirms each finding by applying its fix.
///
/// A finding whose fix gains less than 3 dB and does not halve a loss of decisions is left out, so that
/// a model that quantizes well has none.
public struct Doctor {
  /// Fewer calibration rows do not show the ranges of the tensors.
  package static let leastRows = 64

  private let model: FloatModel
  private let rows: CalibrationRows
  private let pass: CalibrationPass
  private let folds: Folds
  private let settings: QuantizationSettings
  private let recipe: Recipe
  private let before: HeldBack
  public private(set) var findings: [Finding] = []

  /// - Parameters:
  ///   - settings: what is examined.
  ///   - evaluation: rows that the model is to be used on, or nil.
  /// - Throws: ``QuantizationError``.
  public init(
    _ model: FloatModel, _ settings: QuantizationSettings, calibration: CalibrationRows? = nil,
    evaluation: CalibrationRows? = nil
  ) throws(QuantizationError) {
    guard let rows = calibration ?? model.calibration else { throw .noCalibrationRows }
    let model = model.equalized(settings.equalization)
    self.model = model
    self.rows = rows
    self.settings = settings
    pass = try CalibrationPass(model, rows)
    folds = Folds(model, pass)
    recipe = try RecipeChoice(model, folds, settings).recipe
    before = try HeldBack(model, folds, settings, recipe, rounding: .nearest)
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
      let after = try heldBack(model.pruned(calibration: rows))
      findings.append(
        Finding(
          kind: .constantFeature,
          place: Self.place(model.features[first].name, others: constant.count - 1),
          measure: Double(constant.count), fix: .prune,
          gain: .sqnr(before: before.sqnr ?? 0, after: after.sqnr ?? 0)))
    }
    guard recipe.inputWidth == .eight, !model.sharesInputScale else { return }
    let sizes = model.features.indices.map { feature in
      pass.inputs.map { Double(abs($0[feature])) }.sorted()
    }
    var wide = recipe
    wide.inputWidth = .sixteen
    wide.inputScale = .tensor
    for (feature, sorted) in sizes.enumerated() {
      guard let reach = sorted.last, reach > 20 else { continue }
      let common = sorted[sorted.count * 95 / 100]
      guard reach > 10 * common else { continue }
      try add(
        .outlierChannel, model.features[feature].name, reach / max(common, 1e-9),
        .option("--input", "16"), wide)
    }
    let reaches = sizes.enumerated().filter { !constant.contains($0.offset) }
      .compactMap { $0.element.last }
    guard let least = reaches.min(), let most = reaches.max(), most > 10 * least else { return }
    if recipe.inputScale == .tensor {
      var own = recipe
      own.inputScale = .feature
      try add(
        .heterogeneousFeatures, "input", most / max(least, 1e-9),
        .option("--input-scale", "feature"), own)
    }
  }

  /// Hidden units that say nothing.
  private mutating func checkUnits() throws(QuantizationError) {
    func weights(_ model: FloatModel) -> Int { model.layers.reduce(0) { $0 + $1.weights.count } }
    for index in model.layers.indices.dropLast() {
      let constant = pass.constantUnits(ofLayer: index).map(\.unit)
      if let first = constant.first {
        let pruned = try model.pruned(calibration: rows)
        findings.append(
          Finding(
            kind: .deadUnit,
            place: Self.place("\(name(index)), unit \(first)", others: constant.count - 1),
            measure: Double(constant.count), fix: .prune,
            gain: .weights(before: weights(model), after: weights(pruned))))
      }
      guard [.tanh, .sigmoid].contains(model.layers[index].activation) else { continue }
      for unit in 0..<model.layers[index].outputs where !constant.contains(unit) {
        let middle: Float = model.layers[index].activation == .tanh ? 0 : 0.5
        let reach: Float = model.layers[index].activation == .tanh ? 1 : 0.5
        let values = pass.outputs[index].map { ($0[unit] - middle) / reach }
        let share = Double(values.count { abs($0) > 0.99 }) / Double(values.count)
        guard share > 0.95 else { continue }
        var wide = recipe
        wide.activations[index] = .sixteen
        try add(
          .saturatedUnit, "\(name(index)), unit \(unit)", share,
          .option("--activations", "16"), wide)
      }
    }
  }

  /// Eight bits of output that turn decisions.
  private mutating func checkHead() throws(QuantizationError) {
    guard recipe.outputWidth == .eight else { return }
    var wide = recipe
    wide.activations[wide.activations.count - 1] = .sixteen
    try add(
      .coarseHead, name(model.layers.count - 1), before.loss, .option("--output", "16"), wide)
  }

  /// Biases that leave their weights no room in 32 bits, or their outputs none in 8.
  private mutating func checkBiases() throws(QuantizationError) {
    for (index, layer) in model.layers.enumerated().dropLast() {
      let spread = pass.sums[index].values.reduce(Float(0)) { max($0, abs($1)) }
      for (row, bias) in layer.bias.enumerated() {
        let sums = pass.sums[index].map { $0[row] }
        let reach = Double((sums.max() ?? 0) - (sums.min() ?? 0))
        guard Double(abs(bias)) > 20 * max(reach, 1e-30), abs(bias) >= 0.5 * spread else {
          continue
        }
        var wide = recipe
        wide.activations[index] = .sixteen
        try add(
          .largeBias, "\(name(index)), unit \(row)", Double(abs(bias)) / max(reach, 1e-30),
          .option("--activations", "16"), wide)
      }
    }
  }

  /// One layer that makes most of the noise. What a layer's codes lose is also what the layer behind
  /// it takes in, so a share of 0.4 of all noises is most.
  private mutating func checkLayers() throws(QuantizationError) {
    guard before.loss > HeldBack.toleratedLoss, model.layers.count > 2 else { return }
    let candidate = try Candidate(model, pass, settings, recipe, rounding: .nearest)
    let noises = candidate.sensitivities(model, pass, threads: settings.threads).map {
      $0.map(powerOfNoise) ?? 0
    }
    let total = noises.reduce(0, +)
    guard let worst = noises.indices.max(by: { noises[$0] < noises[$1] }), total > 0,
      noises[worst] > 0.4 * total, worst < model.layers.count - 1
    else { return }
    var wide = recipe
    wide.activations[worst] = .sixteen
    if recipe.weights[worst] == .four { wide.weights[worst] = .eight }
    try add(
      .dominantLayer, name(worst), noises[worst] / total,
      recipe.weights[worst] == .four
        ? .option("--weights", "mixed") : .option("--activations", "16"), wide)
  }

  /// Units of one layer that share scales although their weights differ much in size.
  private mutating func checkBalance() throws(QuantizationError) {
    guard settings.equalization == .none else { return }
    let spreads = model.unitFactors(.half).map { factors in
      Double((factors?.max() ?? 1) / (factors?.min() ?? 1))
    }
    guard let worst = spreads.indices.max(by: { spreads[$0] < spreads[$1] }), spreads[worst] >= 8,
      let gain = Self.gain(before, try heldBack(model.equalized(.half)))
    else { return }
    findings.append(
      Finding(
        kind: .unbalancedUnits, place: name(worst), measure: spreads[worst],
        fix: .option("--equalize", "0.5"), gain: gain))
  }

  /// Rows that are too few or unlike those that the model meets.
  private mutating func checkRows(
    _ evaluation: CalibrationRows?
  ) throws(QuantizationError) {
    let isFew = pass.rows < Self.leastRows
    guard let evaluation else {
      if isFew {
        findings.append(
          Finding(
            kind: .fewRows, place: "calibration", measure: Double(pass.rows), fix: .calibrate,
            gain: .unknown))
      }
      return
    }
    let met = try CalibrationPass(model, evaluation)
    // The first half calibrates, the second one judges.
    let first = CalibrationPass(met, rows: Array(0..<max(met.rows / 2, 1)))
    let second = CalibrationPass(met, rows: Array(met.rows / 2..<met.rows))
    let own = try HeldBack(model, fitted: pass, held: second, settings, recipe)
    let other = try HeldBack(model, fitted: first, held: second, settings, recipe)
    guard let gain = Self.gain(own, other) else { return }
    if isFew {
      findings.append(
        Finding(
          kind: .fewRows, place: "calibration", measure: Double(pass.rows), fix: .calibrate,
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

  /// Adds a finding when another recipe confirms it.
  private mutating func add(
    _ kind: Finding.Kind, _ place: String, _ measure: Double, _ fix: Finding.Fix, _ cured: Recipe
  ) throws(QuantizationError) {
    let after = try HeldBack(model, folds, settings, cured, rounding: .nearest)
    guard let gain = Self.gain(before, after) else { return }
    findings.append(
      Finding(kind: kind, place: place, measure: measure, fix: fix, gain: gain))
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

  /// What another model of the same function does with the same recipe.
  private func heldBack(_ model: FloatModel) throws(QuantizationError) -> HeldBack {
    try HeldBack(
      model, Folds(model, CalibrationPass(model, rows)), settings, recipe, rounding: .nearest)
  }

  /// One finding stands for all of its kind.
  private static func place(_ first: String, others: Int) -> String {
    others == 0 ? first : "\(first) and \(others) more"
  }

  private func name(_ layer: Int) -> String {
    "\(model.layers[layer].operation.kind.name)\(layer)"
  }
}
