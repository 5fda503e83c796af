// SPDX-License-Identifier: Apache-2.0
public import NNQFormat

extension GoldenModels {
  /// A flat image for each operation, table and width of weights, and a float model of all operations.
  ///
  /// They follow after those of each task, so that the rows of those stay as they are.
  public static func operations() -> [(name: String, model: Model)] {
    let float = sampleFloatModel(
      of: [.layerNorm, .dense, .add, .gate, .dense], activation: .leakyRelu(slope: 0.125), rows: 3,
      seed: 7_800)
    let images: [(String, CodeWidth, [FlatImage.Layer])] = [
      ("dense-4-bit", .eight, [dense(.eight, .eight)]),
      ("dense-table-16", .eight, [dense(.eight, .sixteen, curve)]),
      ("dense-table-16-to-8", .eight, [dense(.eight, .eight, curve)]),
      ("layer-norm", .eight, [layerNorm(.sixteen)]),
      ("layer-norm-of-16-bit", .sixteen, [layerNorm(.eight)]),
      ("add", .eight, adds),
      ("gate", .eight, [gate(.eight, .eight(bent))]),
      ("gate-of-16-bit", .sixteen, [gate(.sixteen, curve)]),
    ]
    return [("float-operations", Model.float(float))]
      + images.enumerated().map { index, part in
        ("image-\(part.0)", Model.image(image(part.1, part.2, seed: 7_810 + UInt64(index))))
      }
  }

  private static let width = 6

  /// The second add takes what the first one hands on.
  private static var adds: [FlatImage.Layer] {
    [dense(.eight, .sixteen), add(source: 0), dense(.sixteen, .eight), add(source: 2)]
  }

  private static func image(
    _ input: CodeWidth, _ layers: [FlatImage.Layer], seed: UInt64
  ) -> FlatImage {
    var random = TestRandom(seed: seed)
    var image = FlatImage(
      inputs: width, inputWidth: input, layers: layers, task: .regression, probability: nil,
      outputs: (0..<layers[layers.count - 1].outputs).map {
        FlatImage.Output(origin: Int32($0), multiplier: 1 << 30, exponent: -40)
      })
    image.selfTests = selfTests(of: image, random: &random)
    return image
  }

  /// A layer whose codes reach over most of their range.
  private static func layer(
    _ output: CodeWidth, _ operation: FlatImage.Layer.Operation, _ activation: Activation.Kind,
    outputs: Int = width, table: FlatImage.Layer.Table? = nil
  ) -> FlatImage.Layer {
    var layer = FlatImage.Layer(
      inputs: width, outputs: outputs, activation: activation, outputWidth: output, zeroPoint: 0,
      lowest: 0, highest: 0, operation: operation, table: table)
    let codes = layer.requantizedWidth.range
    layer.lowest = Int16(codes.lowerBound)
    layer.highest = Int16(codes.upperBound)
    return layer
  }

  private static func dense(
    _ taken: CodeWidth, _ output: CodeWidth, _ table: FlatImage.Layer.Table? = nil
  ) -> FlatImage.Layer {
    let codes = table?.width ?? output
    let scale = (codes == .eight ? 0.05 : 13) / (taken == .eight ? 1 : 256)
    return layer(
      output,
      .dense(
        FlatImage.Layer.Dense(
          bias: (0..<width).map { Int32($0) * 100 - 250 },
          factors: (0..<width).map { factor(scale * Double(5 + $0) / 7) },
          weights: (0..<width * width).map { Int8($0 * 11 % 15) - 7 }, weightWidth: .four)),
      table == nil ? .identity : .gelu, table: table)
  }

  private static func layerNorm(_ output: CodeWidth) -> FlatImage.Layer {
    layer(
      output,
      .layerNorm(
        FlatImage.Layer.LayerNorm(
          bias: (0..<width).map { Int32($0) * 100_000 - 250_000 },
          factors: (0..<width).map { _ in factor(output == .eight ? 0x1p-17 : 0x1p-9) },
          gain: (0..<width).map { Int8([127, -90, 60, 127, -127, 30][$0]) }, epsilon: 5_000)),
      .identity)
  }

  private static func add(source: Int) -> FlatImage.Layer {
    layer(
      .sixteen,
      .add(
        FlatImage.Layer.Add(
          source: source, bias: 12_345, factor: factor(0x1p-14),
          gain: 9_001, sourceGain: source == 0 ? 16_384 : -7_777)), .identity)
  }

  private static func gate(_ taken: CodeWidth, _ table: FlatImage.Layer.Table) -> FlatImage.Layer {
    layer(
      taken,
      .gate(
        FlatImage.Layer.Gate(
          factor: factor(taken == .eight ? 0x1p-7 : 0x1p-15),
          firstZeroPoint: taken == .eight ? -9 : 0, secondZeroPoint: taken == .eight ? 5 : 0)),
      .silu, outputs: width / 2, table: table)
  }

  /// Falls, then rises, in whole numbers.
  private static let bent = (0..<256).map { Int8(abs($0 - 60) * 2 / 3 - 40) }
  private static let curve = FlatImage.Layer.Table.sixteen(
    (0...512).map { Int16(abs($0 - 120) * 150 - 27_000) })
}
