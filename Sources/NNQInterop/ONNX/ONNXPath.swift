// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// The one value that goes through an ONNX graph from its input to its outputs, operator by operator.
///
/// Every operator is taken once and in the order of the file, which ONNX demands, so that no cycle
/// can be followed.
struct ONNXPath {
  enum Step {
    case node(ONNXGraph.Node)
    /// Several operators that together are an activation, named by the first.
    case activation(Activation, InteropError.Node)
    /// From here on there are only what classifiers make of their scores: classes and names.
    case tail
    case end
  }

  let graph: ONNXGraph
  /// The name of the value that the next operator takes in.
  private(set) var value: String
  /// The place of the operator that made it.
  private(set) var last = -1
  /// The places of the operators that take in a value.
  private let takers: [String: [Int]]
  private let outputs: Set<String>

  /// The shape that changes of shape have given the value; -1 for what is left open.
  private var form: [Int]
  /// The values of a row where they were last changed; -1 where they are not known.
  private var rowWidth = -1

  /// - Throws: ``InteropError`` for a graph that has not one input and at least one output.
  init(_ file: [UInt8]) throws(InteropError) {
    var graph = try ONNXGraph(file)
    var takers: [String: [Int]] = [:]
    for index in try graph.foldConstants() {
      for name in Set(graph.nodes[index].inputs).sorted() where !name.isEmpty {
        takers[name, default: []].append(index)
      }
    }
    guard graph.inputs.count == 1, !graph.outputs.isEmpty else {
      throw .wrongEnds(inputs: graph.inputs.count, outputs: graph.outputs.count)
    }
    self.graph = graph
    self.takers = takers
    value = graph.inputs[0].name
    form = graph.inputs[0].shape?.map { $0 ?? -1 } ?? [-1, -1]
    outputs = Set(graph.outputs.map(\.name))
  }

  /// The operator that takes in the value, which then is what the operator makes.
  mutating func next() throws(InteropError) -> Step {
    guard let next = takers[value] else {
      guard outputs.contains(value) else { throw .wrongEnds(inputs: 1, outputs: 0) }
      return .end
    }
    let node = graph.nodes[next[0]]
    if next.count > 1, !outputs.contains(value),
      let pattern = ONNXPattern(graph, takers, from: value, after: last)
    {
      (taken, value, last) = (value, pattern.value, pattern.last)
      return .activation(pattern.activation, node.label)
    }
    if next.count > 1 || outputs.contains(value) || Self.isTail(node) {
      try checkRow(node)
      return .tail
    }
    guard next[0] > last else { throw .unsupportedUse(node.label, .order) }
    guard let made = node.outputs.first else {
      throw .malformed(byte: 0, field: "output of \(node.label.name)")
    }
    last = next[0]
    taken = value
    value = made
    try checkRow(node)
    return .node(node)
  }

  /// The name of the value that the operator at hand takes in.
  private(set) var taken = ""

  /// Whether values become codes somewhere; constants that stand in codes alone do not count.
  var isQuantized: Bool {
    takers.values.contains { places in
      places.contains { graph.nodes[$0].makesCodes }
    }
  }

  private static func isTail(_ node: ONNXGraph.Node) -> Bool {
    switch node.qualified {
    case "ArgMax", "ai.onnx.ml.ZipMap", "ai.onnx.ml.Binarizer": true
    // A classifier of two classes makes 1 - p of p.
    case "Concat": true
    default: false
    }
  }

  /// The values of one row that the graph's input declares; nil where it leaves them open.
  var declaredInputs: Int? {
    guard let shape = graph.inputs[0].shape else { return nil }
    let sizes = shape.count > 1 ? Array(shape.dropFirst()) : shape
    return sizes.reduce(1) { product, size in
      guard let product, let size, size > 0 else { return nil }
      let (result, overflows) = product.multipliedReportingOverflow(by: size)
      return overflows ? nil : result
    }
  }

  // MARK: - Shapes

  /// Whether an operator hands on the same numbers, and refuses what would take a row apart.
  ///
  /// - Parameter width: the values that a row has there; nil where it is not known.
  mutating func isNeutral(_ node: ONNXGraph.Node, width: Int?) throws(InteropError) -> Bool {
    switch node.qualified {
    case "Identity": break
    case "Dropout":
      // Only in training it changes anything.
      guard node.inputs.count > 2, !node.inputs[2].isEmpty else { break }
      guard graph.constants[node.inputs[2]]?.integers == [0] else {
        throw .unsupportedUse(node.label, .attribute("training_mode", found: "1"))
      }
    case "Cast":
      guard [1, 11].contains(node.integer("to") ?? 0) else {
        throw .unsupportedUse(node.label, .attribute("to", found: "\(node.integer("to") ?? 0)"))
      }
    case "Flatten": try checkAxis(node, initial: 1)
    case "Reshape", "Squeeze", "Unsqueeze": try checkShape(node, width: width)
    default: return false
    }
    change(node, width: width ?? declaredInputs)
    return true
  }

  func checkAxis(_ node: ONNXGraph.Node, initial: Int64) throws(InteropError) {
    let axis = node.integer("axis") ?? initial
    guard axis == 1 || axis == -1 else {
      throw .unsupportedUse(node.label, .attribute("axis", found: "\(axis)"))
    }
  }

  /// Refuses a softmax over anything but the values of a row.
  func checkSoftmax(_ node: ONNXGraph.Node) throws(InteropError) {
    try checkAxis(node, initial: graph.version < 13 ? 1 : -1)
  }

  /// Whether the last dimension of the value holds the values of a row.
  private var isRow: Bool {
    form.count == 2 || form.count == graph.inputs[0].shape?.count
      || form.count == 1 && form[0] == rowWidth && rowWidth > 1
  }

  /// Refuses what does not work value by value where a row has another shape.
  private func checkRow(_ node: ONNXGraph.Node) throws(InteropError) {
    if isRow { return }
    switch node.qualified {
    case "Identity", "Dropout", "Cast", "Flatten", "Reshape", "Squeeze", "Unsqueeze",
      "QuantizeLinear", "DequantizeLinear", "com.microsoft.QuantizeLinear",
      "com.microsoft.DequantizeLinear":
      return
    case "Add", "Sub", "Mul", "Div":
      if node.inputs.contains(where: { graph.constants[$0]?.elements.count == 1 }) { return }
    default:
      if try ONNXActivation(node, graph) != nil { return }
    }
    throw .unsupportedUse(node.label, .shape(found: form, expected: [-1, rowWidth]))
  }

  /// Takes note of the shape that an operator gives the value.
  private mutating func change(_ node: ONNXGraph.Node, width: Int?) {
    let width = width ?? -1
    let axes = node.inputs.count > 1 ? graph.constants[node.inputs[1]]?.integers : nil
    let places = (axes ?? node.integers("axes"))?.map { Int(clamping: $0) }
    if isRow, form.count == 2 { form[1] = width }
    switch node.qualified {
    case "Flatten": form = [-1, width]
    case "Reshape": form = places ?? form
    case "Squeeze":
      // Without axes every dimension of 1 goes; that of the batch is taken to stay.
      let gone = places?.count ?? form.dropFirst().count { $0 == 1 }
      form.removeLast(min(gone, form.count))
    case "Unsqueeze":
      let rank = form.count + (places?.count ?? 0)
      guard let places, rank <= InteropLimit.dimensions else { return }
      for place in places.map({ $0 < 0 ? $0 &+ rank : $0 }).sorted() {
        form.insert(1, at: min(max(place, 0), form.count))
      }
    default: return
    }
    rowWidth = width
  }

  /// Refuses a change of shape that would take a row apart.
  private func checkShape(_ node: ONNXGraph.Node, width: Int?) throws(InteropError) {
    guard node.qualified == "Reshape" else { return }
    guard node.inputs.count == 2, let shape = graph.constants[node.inputs[1]]?.integers else {
      throw .unsupportedUse(node.label, .notConstant(input: 1))
    }
    guard let width = width ?? declaredInputs else { return }
    // At the very end it only says how the answers lie in memory: skl2onnx makes a column of all.
    if let made = node.outputs.first, outputs.contains(made), takers[made] == nil { return }
    let fits: Bool
    if shape.count > 1 {
      let row = shape.dropFirst()
      let product = row.reduce(Int64(1)) { $0.multipliedReportingOverflow(by: $1).partialValue }
      // What is left open takes what the number of rows leaves over.
      fits = row.contains { $0 <= 0 } ? shape[0] >= 0 : product == Int64(width)
    } else {
      fits = width == 1 || shape == [Int64(width)] || graph.inputs[0].shape?.count == 1
    }
    guard fits else {
      throw .unsupportedUse(
        node.label, .shape(found: shape.map { Int(clamping: $0) }, expected: [-1, width]))
    }
  }
}

extension ONNXGraph.Node {
  /// Whether it is one of the operators that work on codes.
  fileprivate var makesCodes: Bool {
    switch qualified {
    case "QuantizeLinear", "com.microsoft.QuantizeLinear", "QLinearMatMul", "com.microsoft.QGemm":
      true
    default: false
    }
  }
}
