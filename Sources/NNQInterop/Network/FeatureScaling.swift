// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// Arithmetic in front of the first layer: its input is `(reading - offset) / scale`.
struct FeatureScaling {
  /// One element stands for all features until one of several numbers is met.
  private(set) var offsets = [0.0]
  /// Below 0 where the arithmetic turns a feature's sign.
  private(set) var scales = [1.0]

  /// One step of arithmetic with a constant, which stands for all features where it is one number.
  mutating func apply(
    _ arithmetic: LayerFolding.Arithmetic, _ constant: [Double], _ node: InteropError.Node
  ) throws(InteropError) {
    try LayerFolding.checkConstant(arithmetic, constant, node)
    if constant.count != 1 { try spread(over: constant.count, node) }
    for index in offsets.indices {
      let value = constant[constant.count == 1 ? 0 : index]
      switch arithmetic {
      case .add: offsets[index] -= value * scales[index]
      case .subtract: offsets[index] += value * scales[index]
      case .multiply: scales[index] /= value
      case .divide: scales[index] *= value
      }
      guard offsets[index].isFinite, scales[index].isFinite, scales[index] != 0 else {
        throw .unsupportedUse(node, .constant(found: value))
      }
    }
  }

  /// Gives each of `count` features its own offset and scale.
  mutating func spread(over count: Int, _ node: InteropError.Node) throws(InteropError) {
    if offsets.count == count { return }
    guard offsets.count == 1, count <= FormatLimit.width else {
      throw .unsupportedUse(node, .shape(found: [count], expected: [offsets.count]))
    }
    offsets = Array(repeating: offsets[0], count: count)
    scales = Array(repeating: scales[0], count: count)
  }
}
