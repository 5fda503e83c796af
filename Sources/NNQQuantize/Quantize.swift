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
    let pass = try CalibrationPass(model, rows)
    var candidates: [Candidate] = []
    for width in settings.inputWidth.widths {
      for scheme in model.sharesInputScale ? [.tensor] : settings.inputScale.schemes {
        candidates.append(
          try Candidate(
            model, pass, settings, inputScale: scheme, inputWidth: width, handsErrorsOn: false))
      }
    }
    var best = choose(candidates, for: model.task.kind)
    if settings.rounding == .feedback {
      best = try Candidate(
        model, pass, settings, inputScale: best.inputScale, inputWidth: best.image.inputWidth,
        handsErrorsOn: true)
    }
    let report = QuantizationReport(
      chosen: best.trial, tried: candidates.map(\.trial), layers: best.layers,
      calibrationRows: pass.rows, outputWidth: settings.outputWidth)
    if model.task.kind == .anomaly {
      best.image.scoreThreshold = refittedThreshold(best, model, pass)
    }
    best.image.selfTests = selfTests(best)

    var provenance = model.provenance
    do throws(ModelFormatError) {
      provenance["float-sha256"] = try Model.float(model).identity()
      provenance["quantize"] =
        "input=\(best.image.inputWidth.rawValue) input-scale=\(best.inputScale.rawValue) "
        + "rounding=\(settings.rounding.rawValue) output=\(settings.outputWidth.rawValue) calibration=\(settings.ranges.rawValue) rows=\(pass.rows)"
      try best.image.validate()
    } catch {
      throw .format(error)
    }
    let quantized = Int8Model(
      image: best.image, features: model.features, task: model.task, input: best.input,
      tensors: best.tensors, statistics: model.statistics, provenance: provenance)
    return (quantized, report)
  }
}

/// The best candidate with 8-bit input, unless 16 bits gain so much that inputs were what limits the
/// model, or the model is to see what no calibration row shows: an anomaly lies outside of the range,
/// and 16 bits have the room for it.
private func choose(_ candidates: [Candidate], for task: ModelTask.Kind) -> Candidate {
  func sqnr(_ candidate: Candidate) -> Double { candidate.sqnr ?? .infinity }
  // The first of equals stays: one scale a feature also covers rows that were not seen.
  func best(_ width: CodeWidth) -> Candidate? {
    candidates.filter { $0.image.inputWidth == width }
      .reduce(nil) { best, next in best.map { sqnr($0) >= sqnr(next) ? $0 : next } ?? next }
  }
  guard let narrow = best(.eight) else { return best(.sixteen) ?? candidates[0] }
  guard let wide = best(.sixteen) else { return narrow }
  if task == .anomaly, sqnr(wide) >= sqnr(narrow) { return wide }
  return sqnr(narrow) < 36 && sqnr(wide) >= sqnr(narrow) + 3 ? wide : narrow
}

/// The integer threshold that lets as many calibration rows pass as the float one does.
///
/// Quantization adds its own noise to every score, so the float threshold, only rescaled, would raise
/// alarms on normal rows. Where no calibration row is an anomaly, the float threshold is moved by
/// what quantization adds to a score in the mean.
private func refittedThreshold(
  _ candidate: Candidate, _ model: FloatModel, _ pass: CalibrationPass
) -> Int64 {
  let inference = Int8Inference(candidate.image)
  let scores = candidate.inputCodes.map { inference.score(input: $0, output: inference.run($0)) }
  let exact = zip(pass.inputs, pass.outputs.last ?? []).map {
    anomalyScore(input: $0, output: $1)
  }
  let anomalies = exact.count { $0 > model.task.thresholds[0] }
  let sorted = scores.sorted(by: >)
  if anomalies > 0, anomalies < sorted.count {
    // Halfway between the two scores that the threshold is to part.
    return sorted[anomalies] + (sorted[anomalies - 1] - sorted[anomalies]) / 2
  }
  let rescaled = Double(candidate.image.scoreThreshold)
  let scale = model.task.thresholds[0] > 0 ? rescaled / model.task.thresholds[0] : 0
  let shift = zip(scores, exact).reduce(0) { $0 + Double($1.0) - $1.1 * scale }
  return Int64(min(max(rescaled + shift / Double(max(scores.count, 1)), 0), 0x1p62))
}

/// Four vectors: two calibration rows, and codes at both ends that drive every clamp.
private func selfTests(_ candidate: Candidate) -> [FlatImage.SelfTest] {
  let rows = candidate.inputCodes
  return candidate.image.selfTests([rows[0], rows[rows.count / 2]])
}
