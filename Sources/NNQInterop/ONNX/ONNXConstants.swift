// SPDX-License-Identifier: Apache-2.0

extension ONNXGraph {
  /// Computes the operators that work on constants alone, in the order of the file, and returns the
  /// others by their places.
  ///
  /// - Throws: ``InteropError``, also where they make more numbers than a file may ask for; an operator on constants that is not known here is left standing, so
  ///   that it is named when something needs what it makes.
  mutating func foldConstants() throws(InteropError) -> [Int] {
    var rest: [Int] = []
    var made = 0
    for (index, node) in nodes.enumerated() {
      guard let name = node.outputs.first, let value = try folded(node) else {
        rest.append(index)
        continue
      }
      // A Constant takes as many bytes of the file; the others may take the same numbers again.
      if node.qualified != "Constant" { made += value.elements.count }
      guard made <= InteropLimit.folded else {
        throw .tooLarge("numbers made of constants", found: made, limit: InteropLimit.folded)
      }
      constants[name] = value
    }
    return rest
  }

  private func folded(_ node: Node) throws(InteropError) -> ForeignTensor? {
    if node.qualified == "Constant" { return try constant(node) }
    guard let name = node.inputs.first, let tensor = constants[name] else { return nil }
    switch node.qualified {
    case "Identity": return tensor
    case "Cast": return try cast(tensor, node)
    case "Transpose":
      let order = node.integers("perm") ?? [1, 0]
      guard order == [1, 0] else { return nil }
      return tensor.transposed
    case "Unsqueeze", "Squeeze", "Reshape", "Flatten":
      return tensor.quantization == nil ? try reshaped(tensor, node) : nil
    case "QuantizeLinear", "com.microsoft.QuantizeLinear": return try quantized(tensor, node)
    case "DequantizeLinear", "com.microsoft.DequantizeLinear":
      var result = tensor
      result.quantization = try quantization(node, of: tensor)
      return result
    default: return nil
    }
  }

  private func constant(_ node: Node) throws(InteropError) -> ForeignTensor? {
    let kinds = [
      "value", "value_float", "value_floats", "value_int", "value_ints", "value_string",
      "value_strings",
    ]
    for name in kinds {
      guard let attribute = node.attributes[name] else { continue }
      switch attribute {
      case .tensor(let tensor): return tensor
      case .float(let value): return try ForeignTensor(name, shape: [], elements: .floats([value]))
      case .integer(let value):
        return try ForeignTensor(name, shape: [], elements: .integers([value]))
      case .floats(let values):
        return try ForeignTensor(name, shape: [Int64(values.count)], elements: .floats(values))
      case .integers(let values):
        return try ForeignTensor(name, shape: [Int64(values.count)], elements: .integers(values))
      case .texts(let values):
        return try ForeignTensor(name, shape: [Int64(values.count)], elements: .texts(values))
      case .text, .other: continue
      }
    }
    return nil
  }

  /// To binary32 or binary64; integers stay what they are.
  private func cast(
    _ tensor: ForeignTensor, _ node: Node
  ) throws(InteropError) -> ForeignTensor? {
    var result = tensor
    switch node.integer("to") {
    case 1: result.elements = .floats(tensor.floats ?? [])
    case 11: result.elements = .doubles(tensor.numbers ?? [])
    case 6, 7:
      guard tensor.integers != nil else { return nil }
    default: return nil
    }
    return result.elements.count == tensor.elements.count ? result : nil
  }

  /// The same numbers in another shape: for what weights are used for, only whether they are a
  /// matrix matters.
  private func reshaped(
    _ tensor: ForeignTensor, _ node: Node
  ) throws(InteropError) -> ForeignTensor? {
    var result = tensor
    let second =
      node.inputs.count > 1 ? constants[node.inputs[1]]?.integers : node.integers("axes")
    switch node.qualified {
    case "Squeeze": result.shape.removeAll { $0 == 1 }
    case "Unsqueeze":
      guard let second, second.count + result.shape.count <= InteropLimit.dimensions else {
        return nil
      }
      let rank = second.count + result.shape.count
      for axis in second.map({ $0 < 0 ? $0 + Int64(rank) : $0 }).sorted() {
        guard axis >= 0, axis <= Int64(result.shape.count) else { return nil }
        result.shape.insert(1, at: Int(axis))
      }
    case "Reshape":
      guard let second, !second.contains(0) else { return nil }
      let known = second.filter { $0 > 0 }
      var product: Int64 = 1
      for size in known {
        let (next, overflows) = product.multipliedReportingOverflow(by: size)
        guard !overflows else { return nil }
        product = next
      }
      guard second.count <= InteropLimit.dimensions, second.count - known.count <= 1 else {
        return nil
      }
      let open = Int64(tensor.elements.count) / product
      return try? ForeignTensor(
        node.label.name, shape: second.map { $0 > 0 ? $0 : open }, elements: tensor.elements)
    default: return nil
    }
    return result
  }
}

extension ONNXGraph.Node {
  func integer(_ name: String) -> Int64? {
    if case .integer(let value)? = attributes[name] { value } else { nil }
  }

  func float(_ name: String) -> Float? {
    if case .float(let value)? = attributes[name] { value } else { nil }
  }

  func text(_ name: String) -> String? {
    if case .text(let value)? = attributes[name] { value } else { nil }
  }

  func integers(_ name: String) -> [Int64]? {
    if case .integers(let values)? = attributes[name] { values } else { nil }
  }

  func floats(_ name: String) -> [Float]? {
    if case .floats(let values)? = attributes[name] { values } else { nil }
  }

  func texts(_ name: String) -> [String]? {
    if case .texts(let values)? = attributes[name] { values } else { nil }
  }
}
