// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQFormat
import NNQReference

/// A model of the kit while layers are put on it: random integers whose codes spread over their range,
/// with rows among them that lie at the ends of what the format allows.
struct ConformanceDraft {
  /// What a layer's codes pass.
  enum TableChoice { case none, eight, sixteen }

  private var random: RandomSource
  private(set) var image: FlatImage

  init(inputs: Int, _ width: CodeWidth, seed: UInt64) {
    random = RandomSource(seed: seed)
    image = FlatImage(
      inputs: inputs, inputWidth: width, layers: [], task: .regression, probability: nil,
      outputs: [])
  }

  private var count: Int { image.count(ofTensor: image.layers.count) }
  private var width: CodeWidth { image.width(ofTensor: image.layers.count) }

  // MARK: - Layers

  mutating func dense(
    _ outputs: Int, _ width: CodeWidth, weights weightWidth: WeightWidth = .eight,
    table: TableChoice = .none
  ) {
    let taken = self.width.largestMagnitude
    let largest = min(Int(weightWidth.range.upperBound), (1 << 30) / taken / count)
    let spread = Double(count).squareRoot() * Double(largest * taken) / 3
    let wanted = requantized(width, table)
    var dense = FlatImage.Layer.Dense(bias: [], factors: [], weights: [], weightWidth: weightWidth)
    for row in 0..<outputs {
      let isExtreme = row % 5 == 4
      dense.bias.append(
        isExtreme ? drawn((1 << 30) - 255...(1 << 30) - 1) * sign() : around(spread / 2))
      dense.factors.append(factor(row, isExtreme ? 0x1p30 : spread, to: wanted))
      for _ in 0..<count {
        let weight = Int(drawn(Int32(-largest)...Int32(largest)))
        dense.weights.append(Int8(isExtreme ? largest * (weight < 0 ? -1 : 1) : weight))
      }
    }
    append(.dense(dense), outputs: outputs, width, table)
  }

  /// A dense layer of given rows, which pass no table.
  mutating func dense(
    _ rows: [ConformanceRow], _ width: CodeWidth, zeroPoint: Int16 = 0,
    clamp: ClosedRange<Int16>? = nil
  ) {
    let dense = FlatImage.Layer.Dense(
      bias: rows.map(\.bias), factors: rows.map(\.factor), weights: rows.flatMap(\.weights))
    append(.dense(dense), outputs: rows.count, width, .none)
    image.layers[image.layers.count - 1].zeroPoint = zeroPoint
    if let clamp {
      image.layers[image.layers.count - 1].lowest = clamp.lowerBound
      image.layers[image.layers.count - 1].highest = clamp.upperBound
    }
  }

  /// - Parameter epsilon: 1 ... 2^62 - 1
  mutating func layerNorm(_ width: CodeWidth, epsilon: UInt64, table: TableChoice = .none) {
    let wanted = requantized(width, table)
    // Codes are about one root of the variance from their mean; with epsilon that is 2^15 here.
    let size = Double(count * self.width.largestMagnitude)
    let variance = size * size / 3
    let spread = 127 * 0x1p15 * max((variance / (variance + Double(epsilon))).squareRoot(), 0x1p-15)
    let norm = FlatImage.Layer.LayerNorm(
      bias: (0..<count).map { $0 % 5 == 4 ? (1 << 30) * sign() : around(spread / 2) },
      factors: (0..<count).map { factor($0, $0 % 5 == 4 ? 0x1p30 : spread, to: wanted) },
      gain: (0..<count).map { Int8($0 % 3 == 0 ? 127 * sign() : drawn(-127...127)) },
      epsilon: epsilon)
    append(.layerNorm(norm), outputs: count, width, table)
  }

  mutating func add(
    _ width: CodeWidth, source: Int, gains: (Int16, Int16), table: TableChoice = .none
  ) {
    let parts = zip([gains.0, gains.1], [self.width, image.width(ofTensor: source)])
    let spread = parts.reduce(0.0) { $0 + Double($1.0.magnitude) * Double($1.1.largestMagnitude) }
    let add = FlatImage.Layer.Add(
      source: source, bias: around(spread / 4),
      factor: factor(0, spread / 2, to: requantized(width, table)), gain: gains.0,
      sourceGain: gains.1)
    append(.add(add), outputs: count, width, table)
  }

  mutating func gate(_ width: CodeWidth, table: TableChoice = .none) {
    let taken = self.width
    let spread = Double(taken.largestMagnitude * taken.largestMagnitude) / 4
    let zeros = taken.zeroPoints
    let gate = FlatImage.Layer.Gate(
      factor: factor(0, spread, to: width), firstZeroPoint: Int16(zeros.lowerBound),
      secondZeroPoint: Int16(zeros.upperBound / 2))
    append(.gate(gate), outputs: count / 2, width, table)
  }

  // MARK: - The whole

  /// The model with its vectors: codes at both ends, all zero, alternating, and random ones.
  mutating func finished() -> FlatImage {
    image.outputs = (0..<count).map { _ in
      FlatImage.Output(origin: 0, multiplier: 1 << 30, exponent: -31)
    }
    let ends = image.inputWidth.range
    var rows = [ends.lowerBound, ends.upperBound, 0].map { code in
      [Int16](repeating: Int16(code), count: image.inputs)
    }
    for _ in 0..<5 {
      rows.append(
        (0..<image.inputs).map { _ in Int16(ends.lowerBound + random.below(ends.count)) })
    }
    image.selfTests = image.selfTests(rows)
    return image
  }

  // MARK: -

  private mutating func append(
    _ operation: FlatImage.Layer.Operation, outputs: Int, _ width: CodeWidth, _ choice: TableChoice
  ) {
    let table: FlatImage.Layer.Table? =
      switch choice {
      case .none: nil
      case .eight: .eight((0..<256).map { _ in Int8(drawn(-128...127)) })
      case .sixteen:
        // Two neighbours at each end, so that codes between them are clamped to 8 bits.
        .sixteen(
          (0..<513).map { entry in
            switch entry % 8 {
            case 0, 1: Int16.max
            case 4, 5: Int16.min
            default: Int16(drawn(-32_768...32_767))
            }
          })
      }
    var layer = FlatImage.Layer(
      inputs: count, outputs: outputs, activation: .identity, outputWidth: width, zeroPoint: 0,
      lowest: 0, highest: 0, operation: operation, table: table)
    let codes = layer.requantizedWidth
    if codes == .eight { layer.zeroPoint = Int16(drawn(-20...20)) }
    layer.lowest = Int16(codes.range.lowerBound)
    layer.highest = Int16(codes.range.upperBound)
    image.layers.append(layer)
  }

  private func requantized(_ width: CodeWidth, _ table: TableChoice) -> CodeWidth {
    switch table {
    case .none: width
    case .eight: .eight
    case .sixteen: .sixteen
    }
  }

  /// A factor that takes sums of this size to the codes of a width; each third has the least or the
  /// largest multiplier.
  private mutating func factor(
    _ row: Int, _ spread: Double, to width: CodeWidth
  ) -> FixedPointMultiplier {
    let codes = Double(width.largestMagnitude) / 2
    let near = FixedPointMultiplier(codes / spread * random.uniform(in: 0.5...1.5))
    let multipliers = FixedPointMultiplier.multipliers
    let multiplier =
      switch row % 3 {
      case 0: multipliers.lowerBound
      case 1: multipliers.upperBound
      default: near?.multiplier ?? multipliers.lowerBound
      }
    let factor = near.flatMap { FixedPointMultiplier(multiplier: multiplier, shift: $0.shift) }
    guard let factor else { preconditionFailure("a factor from codes to sums of this size") }
    return factor
  }

  private mutating func around(_ spread: Double) -> Int32 {
    Int32(random.uniform(in: -spread...spread))
  }

  private mutating func drawn(_ range: ClosedRange<Int32>) -> Int32 {
    range.lowerBound + Int32(random.below(range.count))
  }

  private mutating func sign() -> Int32 { random.below(2) == 0 ? -1 : 1 }
}

/// A row of a dense layer.
struct ConformanceRow {
  let bias: Int32
  let factor: FixedPointMultiplier
  let weights: [Int8]

  /// - Parameters:
  ///   - multiplier: 2^30 ... 2^31 - 1
  ///   - shift: 1 ... 62
  init(bias: Int32, multiplier: Int32, shift: Int, weights: [Int8]) {
    guard let factor = FixedPointMultiplier(multiplier: multiplier, shift: shift) else {
      preconditionFailure("both parts within their ranges")
    }
    self.bias = bias
    self.factor = factor
    self.weights = weights
  }
}
