// SPDX-License-Identifier: Apache-2.0
import NNQFiles
public import NNQFormat
import NNQReference

/// The models behind the golden files. Whoever changes this changes nothing that is on disk: the
/// files of a released version are kept for ever.
public enum GoldenModels {
  /// A name without its ending, and the model: a float one, an int8 one and the latter's flat image
  /// for each task.
  public static func all() -> [(name: String, model: Model)] {
    ModelTask.Kind.allCases.enumerated().flatMap { index, kind in
      let float = float(kind, seed: 7_000 + UInt64(index))
      let int8 = int8(float, seed: 7_100 + UInt64(index))
      return [
        ("float-\(kind.name)", Model.float(float)), ("int8-\(kind.name)", Model.int8(int8)),
        ("image-\(kind.name)", Model.image(int8.image)),
      ]
    }
  }

  /// An int8 model of ``all()`` with a certificate.
  public static func certified() throws -> [(name: String, model: Model)] {
    guard case .int8(var model)? = all().first(where: { $0.name == "int8-binary" })?.model else {
      return []
    }
    var hash = SHA256()
    hash.update(try model.image.serialized())
    let image = model.image
    model.certificate = Certificate(
      floatIdentity: (0..<32).map { UInt8($0) }, imageIdentity: hash.digest(),
      box: (0..<image.inputs).map { Float($0) - 2.5...Float($0) + 0.5 },
      layers: image.layers.enumerated().map { index, layer in
        Certificate.Layer(
          accumulator: layer.accumulatorBound(inputWidth: image.inputWidth(ofLayer: index)),
          codes: layer.lowest...layer.highest, error: 0.25 * Double(index + 1),
          loosest: layer.outputs - 1)
      },
      outputs: image.outputs.map { _ in
        Certificate.Output(codes: -32_768...32_767, error: 0.75)
      })
    return [("int8-certified", Model.int8(model))]
  }

  private static func float(_ kind: ModelTask.Kind, seed: UInt64) -> FloatModel {
    let widths =
      switch kind {
      case .binary: [5, 6, 3, 1]
      case .multiclass: [4, 7, 3]
      case .multilabel: [6, 5, 3]
      case .regression: [3, 5, 2]
      case .anomaly: [5, 2, 5]
      }
    return sampleFloatModel(
      kind, widths: widths, rows: 3, counted: kind != .regression, seed: seed)
  }

  /// An int8 model of integers that are drawn, not fitted, so that it does not move with the
  /// quantizer; the factors keep the codes inside their ranges.
  private static func int8(_ float: FloatModel, seed: UInt64) -> Int8Model {
    var random = TestRandom(seed: seed)
    let inputWidth: CodeWidth =
      [.binary, .regression].contains(float.task.kind) ? .sixteen : .eight
    let outputWidth: CodeWidth = float.task.kind == .multilabel ? .eight : .sixteen
    var image = image(
      widths: [float.inputs] + float.layers.map(\.outputs), input: inputWidth, output: outputWidth,
      task: float.task.kind, hasCounts: float.features.allSatisfy { $0.counts != nil },
      random: &random)
    image.selfTests = selfTests(of: image, random: &random)
    let perSpread = Double(1 << (Int(inputWidth.rawValue) - 3))
    return Int8Model(
      image: image, features: float.features, task: float.task,
      input: float.features.enumerated().map { index, feature in
        Int8Model.Input(
          offset: feature.offset, inverseScale: perSpread / feature.scale,
          zeroPoint: inputWidth == .eight ? Int32(index % 3) - 1 : 0)
      },
      tensors: image.layers.map {
        Int8Model.Tensor(
          scale: $0.outputWidth == .eight ? 0.03125 : 0.0001220703125,
          zeroPoint: Int32($0.zeroPoint))
      },
      statistics: float.statistics, provenance: float.provenance)
  }

  /// A flat image of small random integers.
  static func image(
    widths: [Int], input: CodeWidth, output: CodeWidth, task: ModelTask.Kind, hasCounts: Bool,
    random: inout TestRandom
  ) -> FlatImage {
    var layers: [FlatImage.Layer] = []
    for (index, shape) in zip(widths, widths.dropFirst()).enumerated() {
      let isLast = index == widths.count - 2
      let taken = index == 0 ? input : layers[index - 1].outputWidth
      layers.append(
        layer(
          inputs: shape.0, outputs: shape.1, taken: taken, width: isLast ? output : .eight,
          hasTable: !isLast && [.multiclass, .anomaly].contains(task), isLast: isLast, &random))
    }
    let isDecision = [.binary, .multiclass, .multilabel].contains(task)
    let hasThreshold = [.binary, .multilabel].contains(task)
    return FlatImage(
      inputs: widths[0], inputWidth: input, layers: layers, task: task,
      probability: isDecision ? factor(output == .eight ? 184.66 : 0.7213) : nil,
      scoreThreshold: task == .anomaly ? 400_000_000 : 0,
      outputs: (0..<widths[widths.count - 1]).map { index in
        FlatImage.Output(
          origin: output == .eight ? Int32(index) - 1 : 0,
          multiplier: 1 << 30 + Int32(index) * 12_345, exponent: output == .eight ? -35 : -43,
          threshold: hasThreshold ? Int32(index) * 10 : 0)
      },
      counts: hasCounts
        ? (0..<widths[0]).map { index in
          FlatImage.Count(
            range: -32_768...32_767, offset: Int32(index) * 100,
            factor: factor(input == .eight ? 0.00391 : 0.75),
            zeroPoint: input == .eight ? Int16(index % 3) - 1 : 0)
        } : nil,
      score: task == .anomaly
        ? (0..<widths[0]).map { FlatImage.Score(origin: Int32($0) * 40, factor: factor(150)) }
        : nil)
  }

  private static func layer(
    inputs: Int, outputs: Int, taken: CodeWidth, width: CodeWidth, hasTable: Bool, isLast: Bool,
    _ random: inout TestRandom
  ) -> FlatImage.Layer {
    // Codes spread over a range: a sum of `inputs` products of two of them is about this large.
    let sum = Double(inputs).squareRoot() * 74 * (taken == .eight ? 74 : 18_900)
    let wanted = width == .eight ? 60.0 : 12_000
    return FlatImage.Layer(
      inputs: inputs, outputs: outputs,
      activation: isLast ? .identity : hasTable ? .tanh : .relu, outputWidth: width,
      zeroPoint: isLast || hasTable ? 0 : -100,
      lowest: isLast || hasTable ? Int16(width.range.lowerBound) : -100,
      highest: Int16(width.range.upperBound),
      bias: (0..<outputs).map { _ in Int32(sum * Double.random(in: -0.5...0.5, using: &random)) },
      factors: (0..<outputs).map { _ in
        factor(wanted / sum * Double.random(in: 0.5...1.5, using: &random))
      },
      weights: (0..<inputs * outputs).map { _ in Int8.random(in: -127...127, using: &random) },
      table: hasTable ? (0..<256).map { Int8(($0 - 128) * 7 / 10) } : nil)
  }

  static func factor(_ real: Double) -> FixedPointMultiplier {
    guard let factor = FixedPointMultiplier(real) else {
      preconditionFailure("\(real) is not a factor")
    }
    return factor
  }

  static func selfTests(
    of image: FlatImage, random: inout TestRandom
  ) -> [FlatImage.SelfTest] {
    let inference = Int8Inference(image)
    return sampleCodes(5, inputs: image.inputs, width: image.inputWidth, random: &random).map {
      let layers = inference.layerOutputs($0)
      return FlatImage.SelfTest(
        input: $0, output: layers[layers.count - 1],
        digests: zip(image.layers, layers).map { crc32c($0.outputWidth.bytes(of: $1)) })
    }
  }
}
