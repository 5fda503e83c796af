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
    return try quantizing(
      model, rows, try QuantizationPlan(model, rows, settings))
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
    return try quantizing(
      model, rows, try QuantizationPlan(model, rows, settings, recipe: recipe))
  }

  private static func quantizing(
    _ float: FloatModel, _ rows: CalibrationRows, _ plan: QuantizationPlan
  ) throws(QuantizationError) -> (model: Int8Model, report: QuantizationReport) {
    let (model, pass, settings, recipe) = (plan.model, plan.pass, plan.settings, plan.recipe)
    var best = try Candidate(model, pass, settings, recipe, rounding: settings.rounding)
    if model.task.kind == .anomaly {
      best.image.scoreThreshold = refittedThreshold(best, model, pass)
    }
    // What was made up to show ranges has no decisions of its own.
    let given = Array(0..<rows.rows)
    let margins = DecisionMargins(
      model, CalibrationPass(pass, rows: given), best, best.outputCodes.rows(given),
      threshold: best.image.scoreThreshold)
    let alone = best.sensitivities(model, pass, threads: settings.threads)
    let report = QuantizationReport(
      chosen: recipe, equalization: settings.equalization, tried: plan.trials,
      blindness: plan.blindness,
      layers: zip(best.layers, alone).map { layer, alone in
        var layer = layer
        layer.alone = alone
        return layer
      }, calibrationRows: rows.rows, flipped: margins.flipped, decisions: margins.decisions,
      margins: margins.histogram)
    best.image.selfTests = selfTests(best)

    var provenance = model.provenance
    do throws(ModelFormatError) {
      provenance["float-sha256"] = try Model.float(float).identity()
      provenance[QuantizationRecord.key] =
        QuantizationRecord(settings: settings, recipe: recipe, rows: rows.rows).line
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
