// SPDX-License-Identifier: Apache-2.0
import NNQData
public import NNQFormat
import NNQQuantize
import NNQReference
import NNQRuntime

/// Looks for readings inside the box of a certificate that break a bound.
///
/// Some are drawn, at the ends of the box and between them. From the worst of them it climbs: one
/// reading after the other is moved to where the error of one unit grows. Others begin where the signs
/// of a gradient of the float network send them.
public struct Attack: ~Copyable {
  /// Readings that a claim does not hold for.
  public struct Breach: Equatable, Sendable {
    public let layer: Int
    public let output: Int
    public let readings: [Float]
    public let error: Double
  }

  public let certification: Certification
  /// The rows that were tried.
  public private(set) var inputs = 0
  /// `[layers]`, the largest share of its bound that the error of any output reached.
  public private(set) var shares: [Double]
  /// `[layers]`, the largest error, in the float network's units.
  public private(set) var errors: [Double]
  /// The first one, if any.
  public private(set) var breach: Breach?

  private let model: Int8Model
  private let float: FloatModel
  private let inference: FloatInference
  private var runtime: FirmwareRuntime
  private let factors: [[Float]?]
  private var random: RandomSource

  /// - Throws: `RuntimeFault` when the C runtime refuses the image, `ModelFormatError` when it has
  ///   no bytes.
  public init(
    _ certification: Certification, _ model: Int8Model, of float: FloatModel, seed: UInt64
  ) throws {
    self.certification = certification
    self.model = model
    self.float = float
    inference = FloatInference(float)
    runtime = try FirmwareRuntime(image: try model.image.serialized(), kernel: .scalar)
    factors = float.unitFactors(equalization(of: model))
    shares = [Double](repeating: 0, count: float.layers.count)
    errors = shares
    random = RandomSource(seed: seed)
  }

  /// Tries so many more rows.
  public mutating func run(inputs count: Int) {
    let end = inputs + count
    while inputs < end {
      // Mostly the output, which is what is asked for in the end.
      let layer =
        random.below(3) > 0 ? float.layers.count - 1 : random.below(float.layers.count)
      climb(layer, random.below(float.layers[layer].outputs), until: end)
    }
  }

  /// Climbs from the best of some drawn rows until no reading moves the error further.
  private mutating func climb(_ layer: Int, _ unit: Int, until end: Int) {
    var best = drawn()
    var error = tried(best, layer, unit)
    for _ in 0..<16 where inputs < end {
      let row = random.below(4) == 0 ? sent(from: best, to: layer, unit) : drawn()
      let found = tried(row, layer, unit)
      if found > error { (best, error) = (row, found) }
    }
    let box = certification.certificate.box
    var grows = true
    for _ in 0..<4 where grows {
      grows = false
      for feature in box.indices {
        let range = box[feature]
        let middle = range.lowerBound / 2 + range.upperBound / 2
        for reading in [range.lowerBound, range.upperBound, between(range), middle] {
          guard inputs < end else { return }
          var row = best
          row[feature] = min(max(reading, range.lowerBound), range.upperBound)
          let found = tried(row, layer, unit)
          if found > error {
            (best, error) = (row, found)
            grows = true
          }
        }
      }
    }
  }

  /// A row inside the box: each reading at an end, anywhere, or a mixture.
  private mutating func drawn() -> [Float] {
    let way = random.below(4)
    return certification.certificate.box.map { range in
      switch way {
      case 0: between(range)
      case 1: random.below(2) == 0 ? range.lowerBound : range.upperBound
      default:
        switch random.below(4) {
        case 0: range.lowerBound
        case 1: range.upperBound
        default: between(range)
        }
      }
    }
  }

  private mutating func between(_ range: ClosedRange<Float>) -> Float {
    let share = Double(random.below(1 << 24)) / Double(1 << 24)
    let (low, high) = (Double(range.lowerBound), Double(range.upperBound))
    return min(max(Float(low + (high - low) * share), range.lowerBound), range.upperBound)
  }

  /// The corner of the box where the gradient at a row sends a unit of the float network.
  private mutating func sent(from row: [Float], to layer: Int, _ unit: Int) -> [Float] {
    guard let gradient = float.gradient(at: row, of: unit, inLayer: layer) else { return drawn() }
    let upward = random.below(2) == 0
    return zip(gradient, certification.certificate.box).map { slope, range in
      (slope > 0) == upward ? range.upperBound : range.lowerBound
    }
  }

  /// Checks every claim for a row; the size of one unit's error.
  private mutating func tried(_ readings: [Float], _ layer: Int, _ unit: Int) -> Double {
    inputs += 1
    let exact = inference.layerOutputs(inference.standardized(readings[...]))
    let codes = runtime.layerOutputs(model.codes(readings[...]))
    var asked = 0.0
    for index in exact.indices {
      let tensor = model.tensors[index]
      let claimed = certification.certificate.layers[index].codes
      for (output, value) in exact[index].enumerated() {
        let code = codes[index][output]
        let real =
          tensor.scale * Double(Int(code) - Int(tensor.zeroPoint))
          * Double(factors[index]?[output] ?? 1)
        let error = abs(real - Double(value))
        let bound = certification.errors[index][output]
        errors[index] = max(errors[index], error)
        if bound > 0 { shares[index] = max(shares[index], error / bound) }
        if !(error <= bound) || !claimed.contains(code), breach == nil {
          breach = Breach(layer: index, output: output, readings: readings, error: error)
        }
        if index == layer, output == unit { asked = error }
      }
    }
    checkAnswers(readings, exact[exact.count - 1], codes[codes.count - 1])
    return asked
  }

  /// Checks what is claimed of the network's outputs.
  private mutating func checkAnswers(
    _ readings: [Float], _ exact: [Float], _ codes: [Int16]
  ) {
    for (index, claim) in certification.certificate.outputs.enumerated() {
      var isHeld = claim.codes.contains(codes[index])
      var error = 0.0
      if model.task.kind == .regression {
        let scaling = model.task.targetScaling[index]
        let answer = Double(exact[index]) * scaling.scale + scaling.offset
        error = abs(model.image.outputs[index].real(codes[index]) - answer)
        isHeld = isHeld && error <= claim.error
      }
      if !isHeld, breach == nil {
        breach = Breach(
          layer: exact.count, output: index, readings: readings, error: error)
      }
    }
  }
}
