// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// The bounds of all layers for a part of a box.
struct BoxPart {
  let box: [ClosedRange<Float>]
  /// `[layers][outputs]`, in the float network's units.
  let errors: [[Double]]
  /// `[outputs]`, what the float network's outputs do not pass in size.
  let magnitudes: [Double]
  /// Up to which layer affine arithmetic took part.
  let affineLayers: Int
  /// The largest bound of an output.
  let worst: Double
  /// The feature whose range moves that output most; nil where none has a range.
  private let widest: Int?

  /// - Parameters:
  ///   - coefficients: the most of a layer; beyond, intervals go on alone.
  ///   - whole: the part that this one was cut out of, whose bounds hold here too.
  /// - Throws: ``CertificationError``.
  init(
    _ box: [ClosedRange<Float>], _ model: Int8Model, _ source: FloatSource, _ coefficients: Int,
    of whole: BoxPart?
  ) throws(CertificationError) {
    let ranges = CodeRanges(model.image, input: model.codes(box))
    var tensors = [TensorEnclosure(box: box, of: model)]
    for (index, feature) in model.features.enumerated() {
      guard CodeMeaning.scales.contains(tensors[0].meaning.scales[index]),
        tensors[0].values[index].isFinite, tensors[0].errors[index].isFinite
      else { throw .noBox(feature: feature.name) }
    }
    var affineLayers = 0
    for index in model.image.layers.indices {
      let layer = JointLayer(
        index: index, image: model.image, float: source.model.layers[index],
        tensor: model.tensors[index], ranges: ranges, coefficients: coefficients)
      let made = try layer.enclosure(tensors)
      if made.forms != nil { affineLayers = index + 1 }
      tensors.append(made)
    }
    var errors: [[Double]] = []
    for (index, tensor) in tensors.dropFirst().enumerated() {
      let factors = source.factors[index]
      if let unit = tensor.errors.firstIndex(where: { !$0.isFinite }) {
        throw .unbounded(layer: index, output: unit)
      }
      errors.append(
        tensor.errors.enumerated().map { unit, error in
          let own = error.magnitude * Double(factors?[unit] ?? 1)
          return min(own, whole?.errors[index][unit] ?? own)
        })
    }
    let last = tensors[tensors.count - 1]
    let outputs = errors[errors.count - 1]
    let loosest = outputs.indices.max { outputs[$0] < outputs[$1] } ?? 0
    self.box = box
    self.errors = errors
    self.affineLayers = affineLayers
    magnitudes = last.values.map(\.magnitude)
    worst = outputs[loosest]
    widest = Self.widest(box, tensors[0], last, loosest)
  }

  /// The feature that takes the largest share of a unit's value and error; without forms, the one of the
  /// widest range.
  private static func widest(
    _ box: [ClosedRange<Float>], _ input: TensorEnclosure, _ last: TensorEnclosure, _ unit: Int
  ) -> Int? {
    guard let forms = last.forms, let readings = input.forms?.values.signal else {
      return box.indices.max { input.values[$0].radius < input.values[$1].radius }
    }
    let features = box.indices.filter { readings.radius($0) > 0 }
    let (values, errors) = (forms.values.signal.row(unit), forms.errors.signal.row(unit))
    let reach = max(last.values[unit].radius, .leastNormalMagnitude)
    let errorReach = max(last.errors[unit].radius, .leastNormalMagnitude)
    // The first symbols are those of the features that have a range, in their order.
    let shares = features.indices.map { place in
      abs(values[values.startIndex + place]) / reach
        + abs(errors[errors.startIndex + place]) / errorReach
    }
    return shares.indices.max { shares[$0] < shares[$1] }.map { features[$0] }
  }

  /// The two halves of the part; they share the reading in the middle. Nil where nothing can be cut.
  var halves: ([ClosedRange<Float>], [ClosedRange<Float>])? {
    guard let widest else { return nil }
    let range = box[widest]
    let middle = range.lowerBound / 2 + range.upperBound / 2
    guard range.lowerBound < middle, middle < range.upperBound else { return nil }
    var (lower, upper) = (box, box)
    lower[widest] = range.lowerBound...middle
    upper[widest] = middle...range.upperBound
    return (lower, upper)
  }
}
