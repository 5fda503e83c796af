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
  ///   behind `(x - offset) * inverse scale + 0.5`, and for features with turned signs.
  func rule(
    _ made: CodeStep, _ node: InteropError.Node
  ) throws(InteropError) -> Int8Network.Reading? {
    if let beforeFloor {
      guard beforeFloor.map(\.operation) == [.subtract, .multiply, .add],
        beforeFloor[2].constant == [0.5], steps.count == 1,
        let zeroPoints = zeroPoints(steps[0], made)
      else { throw .unsupportedUse(node, .quantization(found: "behind Floor")) }
      return Int8Network.Reading(
        isStandardized: steps[0].operation == .multiply, offsets: beforeFloor[0].constant,
        inverseScales: beforeFloor[1].constant, zeroPoints: zeroPoints)
    }
    guard !steps.isEmpty else { return nil }
    guard scaling.scales.allSatisfy({ $0 > 0 }) else {
      throw .unsupportedUse(node, .constant(found: scaling.scales.min() ?? 0))
    }
    return Int8Network.Reading(
      isStandardized: true, offsets: scaling.offsets,
      inverseScales: scaling.scales.map { 1 / ($0 * Double(made.scale)) },
      zeroPoints: [Int32(made.zeroPoint)])
  }

  /// The zero points of the features' codes, from the one step behind Floor; nil where it is neither
  /// the codes' scale nor a whole number for each.
  private func zeroPoints(_ step: Arithmetic, _ made: CodeStep) -> [Int32]? {
    if step.operation == .multiply, step.constant == [Double(made.scale)] {
      return [Int32(made.zeroPoint)]
    }
    let range = made.width.zeroPoints
    guard step.operation == .add, made.scale == 1, made.zeroPoint == 0,
      step.constant.allSatisfy({
        $0 == $0.rounded() && $0 >= Double(range.lowerBound) && $0 <= Double(range.upperBound)
      })
    else { return nil }
    return step.constant.map { Int32($0) }
  }
}
