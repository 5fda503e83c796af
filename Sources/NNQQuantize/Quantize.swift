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
      for scheme in settings.inputScale.schemes {
        candidates.append(
          try Candidate(model, pass, settings, inputScale: scheme, inputWidth: width))
      }
    }
    var best = choose(candidates)
    let report = QuantizationReport(
      chosen: best.trial, tried: candidates.map(\.trial), layers: best.layers,
      calibrationRows: pass.rows, outputWidth: settings.outputWidth)
    best.image.selfTests = selfTests(best)

    var provenance = model.provenance
    do throws(ModelFormatError) {
      provenance["float-sha256"] = try Model.float(model).identity()
      provenance["quantize"] =
        "input=\(best.image.inputWidth.rawValue) input-scale=\(best.inputScale.rawValue) "
        + "output=\(settings.outputWidth.rawValue) calibration=\(settings.ranges.rawValue) rows=\(pass.rows)"
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
/// model.
private func choose(_ candidates: [Candidate]) -> Candidate {
  func sqnr(_ candidate: Candidate) -> Double { candidate.sqnr ?? .infinity }
  // The first of equals stays: one scale a feature also covers rows that were not seen.
  func best(_ width: CodeWidth) -> Candidate? {
    candidates.filter { $0.image.inputWidth == width }
      .reduce(nil) { best, next in best.map { sqnr($0) >= sqnr(next) ? $0 : next } ?? next }
  }
  guard let narrow = best(.eight) else { return best(.sixteen) ?? candidates[0] }
  guard let wide = best(.sixteen) else { return narrow }
  return sqnr(narrow) < 36 && sqnr(wide) >= sqnr(narrow) + 3 ? wide : narrow
}

/// Four vectors: two calibration rows, and codes at both ends that drive every clamp.
private func selfTests(_ candidate: Candidate) -> [FlatImage.SelfTest] {
  let inference = Int8Inference(candidate.image)
  let rows = candidate.inputCodes
  let ends = candidate.image.inputWidth.range
  let alternating = (0..<candidate.image.inputs).map {
    Int16($0.isMultiple(of: 2) ? ends.lowerBound : ends.upperBound)
  }
  let inputs = [rows[0], rows[rows.count / 2], alternating, alternating.map { -1 - $0 }]
  return inputs.map { input in
    let layers = inference.layerOutputs(input)
    let digests = zip(candidate.image.layers, layers).map { layer, codes in
      crc32c(layer.outputWidth.bytes(of: codes))
    }
    return FlatImage.SelfTest(input: input, output: layers.last ?? [], digests: digests)
  }
}
