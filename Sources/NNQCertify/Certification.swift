// SPDX-License-Identifier: Apache-2.0
public import NNQFormat
import NNQQuantize
import NNQReference

/// The bounds of all layers of an int8 model against its float model.
public struct Certification: Sendable {
  public let certificate: Certificate
  /// `[layers][outputs]`: a bound on how far what each output's code stands for is from what the float
  /// layer hands on, in the float network's units.
  public let errors: [[Double]]
  /// Up to which layer affine arithmetic took part; after it intervals went on alone because there
  /// would have been too many coefficients.
  public let affineLayers: Int

  /// Proves bounds for every row of readings in a box.
  ///
  /// - Parameters:
  ///   - model: an int8 model.
  ///   - float: the float model that it was made of.
  ///   - box: one range a feature, in its unit.
  ///   - parts: how many parts the box may be cut into. Each is bounded on its own, and a claim is the
  ///     weakest of all; that with the worst output is cut next.
  /// - Throws: ``CertificationError``.
  public init(
    _ model: Int8Model, of float: FloatModel, box: [ClosedRange<Float>], parts: Int = 1
  ) throws(CertificationError) {
    try self.init(
      model, of: float, box: box, parts: parts, coefficients: JointLayer.coefficientLimit)
  }

  /// - Parameter coefficients: the most of a layer; beyond, intervals go on alone.
  init(
    _ model: Int8Model, of float: FloatModel, box: [ClosedRange<Float>], parts: Int,
    coefficients: Int
  ) throws(CertificationError) {
    precondition(box.count == model.features.count && parts >= 1)
    let source = try FloatSource(model, of: float)
    var bounds = [try BoxPart(box, model, source, coefficients, of: nil)]
    while bounds.count < parts {
      let worst = bounds.indices.max { bounds[$0].worst < bounds[$1].worst } ?? 0
      guard let halves = bounds[worst].halves else { break }
      let part = bounds[worst]
      bounds[worst] = try BoxPart(halves.0, model, source, coefficients, of: part)
      bounds.append(try BoxPart(halves.1, model, source, coefficients, of: part))
    }
    affineLayers = bounds.map(\.affineLayers).min() ?? 0
    let errors = model.image.layers.indices.map { layer in
      bounds[0].errors[layer].indices.map { unit in
        bounds.reduce(0) { max($0, $1.errors[layer][unit]) }
      }
    }
    let magnitudes = model.image.outputs.indices.map { output in
      bounds.reduce(0) { max($0, $1.magnitudes[output]) }
    }
    self.errors = errors
    certificate = try Certificate(
      model, of: float, box: box, ranges: CodeRanges(model.image, input: model.codes(box)),
      errors: errors, magnitudes: magnitudes)
  }
}

/// The float network whose units those of the image are.
struct FloatSource {
  let model: FloatModel
  /// `[layers][outputs]`, what to multiply a unit by to have it in the units of the float model.
  let factors: [[Float]?]

  init(_ int8: Int8Model, of float: FloatModel) throws(CertificationError) {
    do {
      guard int8.provenance["float-sha256"] == (try Model.float(float).identity()) else {
        throw CertificationError.notItsFloatModel
      }
    } catch {
      throw .notItsFloatModel
    }
    if int8.provenance["int8-fitted-temperature"] != nil { throw .temperature }
    if quantizationRecord(of: int8)?.settings.prunes == true { throw .pruned }
    let equalization = equalization(of: int8)
    model = float.equalized(equalization)
    factors = float.unitFactors(equalization)
    let (whole, parts) = (int8.image.layers, float.layers)
    for index in 0..<max(whole.count, parts.count) {
      guard index < whole.count, index < parts.count,
        whole[index].inputs == parts[index].inputs, whole[index].outputs == parts[index].outputs,
        whole[index].operation.kind == parts[index].operation.kind
      else { throw .otherShape(layer: index) }
    }
  }
}

/// How the model says that it was quantized; nil where it does not.
private func quantizationRecord(of model: Int8Model) -> QuantizationRecord? {
  model.provenance[QuantizationRecord.key].flatMap {
    QuantizationRecord($0, layers: model.image.layers.count)
  }
}

/// How the model's hidden units were equalized.
func equalization(of model: Int8Model) -> QuantizationSettings.Equalization {
  quantizationRecord(of: model)?.settings.equalization ?? .none
}
