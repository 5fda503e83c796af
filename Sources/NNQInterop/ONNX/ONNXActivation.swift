// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQReference

/// An operator that maps each value on its own, without a constant of a row.
struct ONNXActivation {
  let function: Activation
  /// The bounds that it sets, where it is nothing but a clamp.
  let bounds: (lowest: Float, highest: Float?)?
  let label: InteropError.Node

  /// Nil for another operator.
  ///
  /// - Throws: ``InteropError`` for a bound of Clip that is no constant.
  init?(_ node: ONNXGraph.Node, _ graph: ONNXGraph) throws(InteropError) {
    label = node.label
    switch node.qualified {
    case "Relu": (function, bounds) = (.relu, (0, nil))
    case "Tanh": (function, bounds) = (.tanh, nil)
    case "Sigmoid": (function, bounds) = (.sigmoid, nil)
    case "Clip":
      let lowest = try Self.bound(node, 1, graph)
      let highest = try Self.bound(node, 2, graph)
      (function, bounds) = (lowest == 0 ? .relu : .identity, (lowest ?? -.infinity, highest))
    default: return nil
    }
  }

  /// A bound of Clip; nil where it is left out.
  private static func bound(
    _ node: ONNXGraph.Node, _ input: Int, _ graph: ONNXGraph
  ) throws(InteropError) -> Float? {
    guard input < node.inputs.count, !node.inputs[input].isEmpty else { return nil }
    guard let values = graph.constants[node.inputs[input]]?.floats, values.count == 1,
      !values[0].isNaN
    else { throw .unsupportedUse(node.label, .notConstant(input: input)) }
    return values[0]
  }

  func callAsFunction(_ real: Double) -> Double {
    guard let bounds else { return function(real) }
    return min(max(real, Double(bounds.lowest)), bounds.highest.map { Double($0) } ?? .infinity)
  }
}
