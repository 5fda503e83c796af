// SPDX-License-Identifier: Apache-2.0

/// What a classifier's graph makes of its scores: classes, names and maps of probabilities.
///
/// None of it is taken over, because nnq decides by itself; it is only understood, so that nothing
/// unknown is left out silently.
struct ONNXTail {
  /// What a value behind the scores means.
  private enum Meaning {
    /// Logits or probabilities, one a class.
    case scores
    /// 1 less the probability of the second of two classes.
    case complement
    /// The probabilities of two classes.
    case pair
    /// A class by its index.
    case index
    /// A class by its name, or whether each target is true.
    case decision
  }

  private let graph: ONNXGraph
  private var meanings: [String: Meaning] = [:]
  /// The names of the classes, where the graph holds them.
  private(set) var classes: [String]?
  /// Whether the class is that of the highest score.
  private(set) var picksHighest = false

  /// Understands every operator that depends on the value where the path has come to.
  init(_ path: ONNXPath) throws(InteropError) {
    graph = path.graph
    meanings[path.value] = .scores
    for (index, node) in graph.nodes.enumerated() {
      guard let input = node.inputs.first(where: { meanings[$0] != nil }) else { continue }
      guard index > path.last else { throw .unsupportedUse(node.label, .order) }
      try read(node, input)
    }
  }

  private mutating func read(_ node: ONNXGraph.Node, _ input: String) throws(InteropError) {
    guard let meaning = meanings[input], let output = node.outputs.first else { return }
    let result: Meaning
    switch (node.qualified, meaning) {
    case ("Identity", _), ("Cast", _), ("Dropout", _): result = meaning
    case ("Reshape", .index), ("Reshape", .decision), ("Squeeze", .index): result = meaning
    case ("ArgMax", .scores), ("ArgMax", .pair):
      guard [1, -1].contains(node.integer("axis") ?? 0) else { throw unknown(node) }
      result = .index
      picksHighest = picksHighest || meaning == .scores
    case ("ai.onnx.ml.ZipMap", .scores), ("ai.onnx.ml.ZipMap", .pair):
      name(
        node.texts("classlabels_strings") ?? node.integers("classlabels_int64s")?.map { "\($0)" })
      result = .decision
    case ("ai.onnx.ml.ArrayFeatureExtractor", .index), ("Gather", .index):
      guard let names = node.inputs.first.flatMap({ graph.constants[$0]?.names }) else {
        throw unknown(node)
      }
      name(names)
      result = .decision
    case ("ai.onnx.ml.Binarizer", .scores):
      guard node.float("threshold") == 0.5 else {
        throw .unsupportedUse(
          node.label, .attribute("threshold", found: "\(node.float("threshold") ?? 0)"))
      }
      result = .decision
    case ("Sub", .scores):
      guard node.inputs.count == 2, node.inputs[1] == input,
        graph.constants[node.inputs[0]]?.numbers == [1]
      else { throw unknown(node) }
      result = .complement
    case ("Concat", .scores), ("Concat", .complement):
      guard node.inputs.count == 2, meanings[node.inputs[0]] == .complement,
        meanings[node.inputs[1]] == .scores, [1, -1].contains(node.integer("axis") ?? 0)
      else { throw unknown(node) }
      result = .pair
    default: throw unknown(node)
    }
    meanings[output] = result
  }

  private mutating func name(_ names: [String]?) {
    if classes == nil, let names { classes = names }
  }

  /// The value goes to several operators, and this one is none of a classifier's.
  private func unknown(_ node: ONNXGraph.Node) -> InteropError {
    .unsupportedUse(node.label, .branch)
  }
}
