// SPDX-License-Identifier: Apache-2.0
public import NNQFormat
import NNQReference

extension Int8Model {
  /// Quantizes a float model with the calibration rows that it carries, or with others.
  ///
  /// Every choice is made on the calibration rows alone and does not depend on threads, so the same
  /// model and rows give the same bytes.
  ///
  /// - Throws: ``QuantizationError``.
  public static func quantizing(
    _ model: FloatModel, _ settings: QuantizationSettings, calibration: CalibrationRows? = nil
  ) throws(QuantizationError) -> (model: Int8Model, report: QuantizationReport) {
    guard let rows = calibration ?? model.calibration else { throw .noCalibrationRows }
    let equalized = model.equalized(settings.equalization)
    let pass = try CalibrationPass(equalized, rows, threads: settings.threads)
    let choice = try RecipeChoice.best(equalized, Folds(equalized, pass), settings)
    let settings = choice.settings
    var recipe = choice.recipe
    switch settings.weights {
    case .eight: break
    case .four: recipe.weights = recipe.weights.map { _ in .four }
    case .mixed:
      recipe = recipe.mixed(
        equalized, try recipe.layersByCostOfFourBits(equalized, pass, settings))
    }
    return try quantizing(model, rows, pass, settings, recipe, tried: choice.trials)
  }

  /// Quantizes after one recipe, without a choice of another.
  ///
  /// - Parameter recipe: with as many activations and weights as the model has layers.
  /// - Throws: ``QuantizationError``.
  public static func quantizing(
    _ model: FloatModel, _ settings: QuantizationSettings, recipe: Recipe,
    calibration: CalibrationRows? = nil
  ) throws(QuantizationError) -> (model: Int8Model, report: QuantizationReport) {
    guard let rows = calibration ?? model.calibration else { throw .noCalibrationRows }
    precondition(
      recipe.activations.count == model.layers.count
        && recipe.weights.count == model.layers.count)
    let pass = try CalibrationPass(model.equalized(settings.equalization), rows)
    return try quantizing(model, rows, pass, settings, recipe, tried: [])
  }

  /// - Parameter pass: of the model as the settings equalize it.
  private static func quantizing(
    _ float: FloatModel, _ rows: CalibrationRows, _ pass: CalibrationPass,
    _ settings: QuantizationSettings, _ recipe: Recipe, tried: [QuantizationReport.Trial]
  ) throws(QuantizationError) -> (model: Int8Model, report: QuantizationReport) {
    var (settings, pass, tried) = (settings, pass, tried)
    if settings.equalization == .auto {
      let best = try QuantizationSettings.Equalization.best(float, rows, settings, recipe)
      settings.equalization = best.equalization
      if best.equalization != .none {
        pass = try CalibrationPass(float.equalized(best.equalization), rows)
        tried.append(QuantizationReport.Trial(recipe: recipe, heldBack: best.heldBack))
      }
    }
    let model = float.equalized(settings.equalization)
    var best = try Candidate(model, pass, settings, recipe, rounding: settings.rounding)
    let margins = DecisionMargins(model, pass, best, best.outputCodes)
    let alone = best.sensitivities(model, pass, threads: settings.threads)
    let report = QuantizationReport(
      chosen: recipe, equalization: settings.equalization, tried: tried,
      layers: zip(best.layers, alone).map { layer, alone in
        var layer = layer
        layer.alone = alone
        return layer
      }, calibrationRows: pass.rows, flipped: margins.flipped, decisions: margins.decisions,
      margins: margins.histogram)
    if model.task.kind == .anomaly {
      best.image.scoreThreshold = refittedThreshold(best, model, pass)
    }
    best.image.selfTests = selfTests(best)

    var provenance = model.provenance
    do throws(ModelFormatError) {
      provenance["float-sha256"] = try Model.float(float).identity()
      provenance[QuantizationRecord.key] =
        QuantizationRecord(settings: settings, recipe: recipe, rows: pass.rows).line
      provenance[QuantizationRecord.rowsKey] = rows.readingsIdentity
      try best.image.validate()
    } catch {
      throw .format(error)
    }
    let quantized = Int8Model(
      image: best.image, features: model.features, task: model.task, input: best.input.hostRules,
      tensors: best.tensors.map {
        Int8Model.Tensor(scale: $0.scale, zeroPoint: Int32($0.zeroPoint))
      }, statistics: model.statistics, provenance: provenance)
    return (quantized, report)
  }
}

/// The integer threshold that parts the calibration rows as the float one does.
///
/// Quantization adds its own noise to every score, so the float threshold, only rescaled, would raise
/// alarms on normal rows: it is moved by what quantization adds to a score in the mean, and further
/// only where it would not let as many calibration rows pass.
private func refittedThreshold(
  _ candidate: Candidate, _ model: FloatModel, _ pass: CalibrationPass
) -> Int64 {
  let inference = Int8Inference(candidate.image)
  let scores = zip(candidate.inputCodes, candidate.outputCodes).map {
    inference.score(input: $0, output: $1)
  }
  let exact = zip(pass.inputs, pass.outputs.last ?? pass.inputs).map {
    anomalyScore(input: $0, output: $1)
  }
  let rescaled = Double(candidate.image.scoreThreshold)
  let scale = model.task.thresholds[0] > 0 ? rescaled / model.task.thresholds[0] : 0
  // The median, because a few rows far out would decide a mean; it also has no order.
  let added = zip(scores, exact).map { Double($0) - $1 * scale }.sorted()
  let threshold = Int64(
    min(max(rescaled + (added.isEmpty ? 0 : added[added.count / 2]), 0), 0x1p62))
  let anomalies = exact.count { $0 > model.task.thresholds[0] }
  let sorted = scores.sorted(by: >)
  guard anomalies < sorted.count else { return threshold }
  // An anomaly is above the threshold, a normal row at it or below.
  let highest = anomalies > 0 ? sorted[anomalies - 1] - 1 : Int64.max
  return min(max(threshold, sorted[anomalies]), max(highest, sorted[anomalies]))
}

/// Four vectors: two calibration rows, and codes at both ends that drive every clamp.
func selfTests(_ candidate: Candidate) -> [FlatImage.SelfTest] {
  // The least and the greatest row, so that the order of the rows is nothing.
  let rows = candidate.inputCodes
  let least = rows.min { $0.lexicographicallyPrecedes($1) } ?? []
  let greatest = rows.max { $0.lexicographicallyPrecedes($1) } ?? []
  return candidate.image.selfTests([least, greatest])
}
