// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// What a graph does to readings before the first QuantizeLinear.
struct ONNXReading {
  private typealias Arithmetic = (operation: LayerFolding.Arithmetic, constant: [Double])

  private var scaling = FeatureScaling()
  private var beforeFloor: [Arithmetic]?
  private var steps: [Arithmetic] = []

  mutating func apply(
    _ operation: LayerFolding.Arithmetic, _ constant: [Double], _ node: InteropError.Node
  ) throws(InteropError) {
    try scaling.apply(operation, constant, node)
    steps.append((operation, constant))
  }

  mutating func floor(_ node: InteropError.Node) throws(InteropError) {
    guard beforeFloor == nil else { throw .unsupportedOperator(node) }
    beforeFloor = steps
    steps = []
  }

  /// How readings become codes; nil where they are nothing but rounded to codes.
  ///
  /// - Throws: ``InteropError`` for a Floor that does not stand where nnq writes it,
  ///   `floor((x - offset) * inverse scale + 0.5) + zero point`, and for features with turned signs.
  func rule(
    _ made: CodeStep, _ node: InteropError.Node
  ) throws(InteropError) -> Int8Network.Reading? {
    if let beforeFloor {
      guard beforeFloor.map(\.operation) == [.subtract, .multiply, .add],
        beforeFloor[2].constant == [0.5], steps.map(\.operation) == [.add], made.scale == 1,
        made.zeroPoint == 0,
        steps[0].constant.allSatisfy({ made.width.zeroPoints.contains(Int($0.clamped)) }),
        steps[0].constant.allSatisfy({ $0 == $0.rounded() })
      else { throw .unsupportedUse(node, .quantization(found: "behind Floor")) }
      return Int8Network.Reading(
        isExact: true, offsets: beforeFloor[0].constant, inverseScales: beforeFloor[1].constant,
        zeroPoints: steps[0].constant.map { Int32($0.clamped) })
    }
    guard !steps.isEmpty else { return nil }
    guard scaling.scales.allSatisfy({ $0 > 0 }) else {
      throw .unsupportedUse(node, .constant(found: scaling.scales.min() ?? 0))
    }
    return Int8Network.Reading(
      isExact: false, offsets: scaling.offsets,
      inverseScales: scaling.scales.map { 1 / ($0 * Double(made.scale)) },
      zeroPoints: [Int32(made.zeroPoint)])
  }
}

extension Double {
  /// The number within the codes of 16 bits.
  fileprivate var clamped: Double { Swift.min(Swift.max(self, -32_768), 32_767) }
}
