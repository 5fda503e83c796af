// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQReference

/// An operator that maps each value on its own, without a constant of a row.
struct ONNXActivation {
  /// Nil for a clamp that is no activation of nnq.
  let function: Activation?
  /// The bounds that it sets, where it is nothing but a clamp.
  let bounds: (lowest: Float, highest: Float?)?
  let label: InteropError.Node

  /// Nil for another operator.
  ///
  /// - Throws: ``InteropError`` for a bound of Clip that is no constant and for an unknown attribute.
  init?(_ node: ONNXGraph.Node, _ graph: ONNXGraph) throws(InteropError) {
    label = node.label
    switch node.qualified {
    case "Relu": (function, bounds) = (.relu, (0, nil))
    case "Tanh": (function, bounds) = (.tanh, nil)
    case "Sigmoid": (function, bounds) = (.sigmoid, nil)
    case "LeakyRelu":
      let slope = node.float("alpha") ?? 0.01
      guard slope.isFinite else {
        throw .unsupportedUse(node.label, .attribute("alpha", found: "\(slope)"))
      }
      (function, bounds) = (.leakyRelu(slope: slope), nil)
    case "Gelu":
      let form = node.text("approximate") ?? "none"
      guard ["none", "tanh"].contains(form) else {
        throw .unsupportedUse(node.label, .attribute("approximate", found: form))
      }
      (function, bounds) = (form == "tanh" ? .geluTanh : .gelu, nil)
    case "com.microsoft.Gelu": (function, bounds) = (.gelu, nil)
    case "HardSwish": (function, bounds) = (.hardSwish, nil)
    case "Swish":
      guard node.float("alpha") ?? 1 == 1 else {
        throw .unsupportedUse(
          node.label, .attribute("alpha", found: "\(node.float("alpha") ?? 1)"))
      }
      (function, bounds) = (.silu, nil)
    case "Clip":
      let lowest = try Self.bound(node, 1, graph)
      let highest = try Self.bound(node, 2, graph)
      bounds = (lowest ?? -.infinity, highest)
      switch (lowest, highest) {
      case (0, nil): function = .relu
      case (0, 6): function = .relu6
      default: function = nil
      }
    default: return nil
    }
  }

  /// An activation that several operators make.
  init(_ function: Activation, _ label: InteropError.Node) {
    (self.function, bounds, self.label) = (function, nil, label)
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
    guard let bounds else { return function?(real) ?? real }
    return min(max(real, Double(bounds.lowest)), bounds.highest.map { Double($0) } ?? .infinity)
  }
}
