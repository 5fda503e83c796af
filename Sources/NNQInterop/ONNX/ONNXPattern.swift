// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQMath
import NNQReference

/// An activation that an exporter wrote as several operators: GELU by Erf or Tanh, SiLU by Sigmoid, a
/// hard swish by HardSigmoid or Clip.
///
/// The operators between the value and where its branches meet again are run on samples; what they
/// compute is known by its values, in whatever order it was written.
struct ONNXPattern {
  let activation: Activation
  /// The name of the value behind it, and the place of the operator that makes it.
  let value: String
  let last: Int

  /// The most operators that are taken together.
  private static let limit = 16
  private static let samples = stride(from: -8.0, through: 8, by: 0.25).map { $0 }

  /// Nil where the value's branches are no activation.
  init?(_ graph: ONNXGraph, _ takers: [String: [Int]], from start: String, after place: Int) {
    var values = [start: Self.samples]
    // How many operators are yet to take each value in.
    var open = [start: takers[start]?.count ?? 0]
    var taken = 0
    for index in graph.nodes.indices.dropFirst(place + 1) {
      let node = graph.nodes[index]
      guard node.inputs.contains(where: { values[$0] != nil }) else { continue }
      taken += 1
      guard taken <= Self.limit, let made = node.outputs.first,
        let result = Self.run(node, graph, values)
      else { return nil }
      for name in Set(node.inputs) { open[name]? -= 1 }
      values[made] = result
      open[made] = takers[made]?.count ?? 0
      // Only when nothing but this value is left do the branches meet.
      guard open.allSatisfy({ $0.key == made || $0.value == 0 }) else { continue }
      if let activation = Self.activation(result) {
        (self.activation, value, last) = (activation, made, index)
        return
      }
    }
    return nil
  }

  /// The activation that has these values; constants in the file are rounded to binary32 or less.
  private static func activation(_ values: [Double]) -> Activation? {
    let known: [Activation] = [.gelu, .geluTanh, .silu, .hardSwish]
    return known.first { activation in
      zip(samples, values).allSatisfy { abs(activation($0) - $1) <= 2e-6 * max(abs($0), 1) }
    }
  }

  /// What an operator makes of the samples; nil for one that does not work value by value.
  private static func run(
    _ node: ONNXGraph.Node, _ graph: ONNXGraph, _ values: [String: [Double]]
  ) -> [Double]? {
    var operands: [[Double]] = []
    for name in node.inputs {
      if let value = values[name] {
        operands.append(value)
      } else if let constant = graph.constants[name]?.numbers, constant.count == 1 {
        operands.append(Array(repeating: constant[0], count: samples.count))
      } else {
        return nil
      }
    }
    if operands.count == 2, let function = binary(node.qualified) {
      return zip(operands[0], operands[1]).map(function)
    }
    guard operands.count == 1, let function = unary(node) else { return nil }
    return operands[0].map(function)
  }

  private static func binary(_ operation: String) -> ((Double, Double) -> Double)? {
    switch operation {
    case "Add": { $0 + $1 }
    case "Sub": { $0 - $1 }
    case "Mul": { $0 * $1 }
    case "Div": { $0 / $1 }
    // Only whole powers occur, and those of small size.
    case "Pow":
      { base, power in
        (0..<Int(min(max(power, 0), 4))).reduce(1) { product, _ in product * base }
      }
    default: nil
    }
  }

  private static func unary(_ node: ONNXGraph.Node) -> ((Double) -> Double)? {
    switch node.qualified {
    case "Identity": return { $0 }
    case "Erf": return { 1 - PortableMath.erfc($0) }
    case "Tanh": return { Activation.tanh($0) }
    case "Sigmoid": return { Activation.sigmoid($0) }
    case "HardSigmoid":
      let slope = Double(node.float("alpha") ?? 0.2)
      let middle = Double(node.float("beta") ?? 0.5)
      return { min(max(slope * $0 + middle, 0), 1) }
    default: return nil
    }
  }
}
