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
  /// - Parameter box: one range a feature, in its unit.
  /// - Throws: ``CertificationError``.
  public init(
    _ model: Int8Model, of float: FloatModel, box: [ClosedRange<Float>]
  ) throws(CertificationError) {
    try self.init(model, of: float, box: box, coefficients: JointLayer.coefficientLimit)
  }

  /// - Parameter coefficients: the most of a layer; beyond, intervals go on alone.
  init(
    _ model: Int8Model, of float: FloatModel, box: [ClosedRange<Float>], coefficients: Int
  ) throws(CertificationError) {
    precondition(box.count == model.features.count)
    let source = try FloatSource(model, of: float)
    let input = model.codes(box)
    let ranges = CodeRanges(model.image, input: input)
    var tensors = [TensorEnclosure(box: box, of: model)]
    var affineLayers = 0
    for index in model.image.layers.indices {
      let layer = JointLayer(
        index: index, image: model.image, float: source.model.layers[index],
        tensor: model.tensors[index], ranges: ranges, coefficients: coefficients)
      let made = try layer.enclosure(tensors)
      if made.forms != nil { affineLayers = index + 1 }
      tensors.append(made)
    }
    self.affineLayers = affineLayers
    var errors: [[Double]] = []
    for (index, tensor) in tensors.dropFirst().enumerated() {
      let factors = source.factors[index]
      errors.append(
        tensor.errors.enumerated().map { unit, error in
          error.magnitude * Double(factors?[unit] ?? 1)
        })
      if let unit = errors[index].firstIndex(where: { !$0.isFinite }) {
        throw .unbounded(layer: index, output: unit)
      }
    }
    self.errors = errors
    certificate = try Certificate(
      model, of: float, box: box, ranges: ranges, errors: errors, last: tensors[tensors.count - 1])
  }
}

/// The float network whose units those of the image are.
private struct FloatSource {
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
