// SPDX-License-Identifier: Apache-2.0
public import NNQFormat

extension Int8Model {
  /// An ONNX file of the whole model in QuantizeLinear and DequantizeLinear: readings in their units
  /// in, probabilities or values out.
  ///
  /// Operator set 13 where all codes have 8 bits, else 21, which has codes of 16.
  /// - Shape: input `x` is `[N][features]`, output `y` `[N][outputs]`, both binary32.
  /// - Rounding: readings become codes in binary64, exactly as a host of nnq makes them. Runtimes
  ///   scale sums in binary32 and round ties to even, so that a code may differ by 1.
  /// - Throws: ``InteropError/cannotWrite(layer:bits:hasTable:)``,
  ///   ``InteropError/cannotWriteOperation(layer:name:)``.
  public func onnx() throws(InteropError) -> Int8File {
    let common = commonInput
    let taken = common ?? CodeStep(scale: 1, zeroPoint: 0, width: image.inputWidth)
    let layers = try writtenLayers(input: taken) { _ in nil }
    var writer = ONNXWriter()
    var value = codes(of: "x", common, &writer)
    var parameters = writer.parameters("x", taken)
    value = writer.node("QuantizeLinear", [value] + parameters)
    for (index, written) in layers.enumerated() {
      let layer = written.layer
      let weights = writer.dequantized(
        "w\(index)", .int8, shape: [layer.outputs, layer.inputs],
        written.dense.weights.map { UInt8(bitPattern: $0) }, scales: written.scales)
      let bias = writer.dequantized(
        "b\(index)", .int32, shape: [layer.outputs], littleEndianBytes(written.bias),
        scales: written.scales.map { written.taken.scale * $0 })
      value = writer.node("DequantizeLinear", [value] + parameters)
      value = writer.node("Gemm", [value, weights, bias], [("transB", .integer(1))])
      value = clamped(value, written, index, &writer)
      parameters = writer.parameters("y\(index)", written.sums)
      value = writer.node("QuantizeLinear", [value] + parameters)
      if layer.table != nil {
        value = writer.node("DequantizeLinear", [value] + parameters)
        value = writer.node(layer.activation == .tanh ? "Tanh" : "Sigmoid", [value])
        parameters = writer.parameters("t\(index)", written.made)
        value = writer.node("QuantizeLinear", [value] + parameters)
      }
    }
    value = writer.node("DequantizeLinear", [value] + parameters)
    value = answers(value, &writer)
    value = writer.node("Identity", [value], output: "y")
    let isNarrow =
      image.inputWidth == .eight
      && layers.allSatisfy { $0.sums.width == .eight && $0.made.width == .eight }
    return Int8File(
      bytes: writer.file(
        input: "x", inputs: image.inputs, outputs: [(value, image.outputs.count)],
        version: isNarrow ? 13 : 21),
      roundedRows: layers.reduce(0) { $0 + $1.roundedRows })
  }

  /// `floor((x - offset) * inverse scale + 0.5)` in binary64, not yet clamped: times the scale that
  /// all features share, or plus their zero points where they share none.
  private func codes(
    of value: String, _ common: CodeStep?, _ writer: inout ONNXWriter
  ) -> String {
    func row(_ name: String, _ values: [Double]) -> String {
      let isOne = values.allSatisfy { $0 == values[0] }
      return writer.doubles(
        name, shape: isOne ? [] : [values.count], isOne ? [values[0]] : values)
    }
    let steps = [
      ("Sub", row("offset", input.map(\.offset))),
      ("Mul", row("inverse_scale", input.map(\.inverseScale))),
      ("Add", row("half", [0.5])), ("Floor", nil),
      common.map { ("Mul", row("scale", [Double($0.scale)])) }
        ?? ("Add", row("zero_point", input.map { Double($0.zeroPoint) })),
    ]
    var value = writer.node("Cast", [value], [("to", .integer(11))])
    for (operation, constant) in steps {
      value = writer.node(operation, [value] + (constant.map { [$0] } ?? []))
    }
    return writer.node("Cast", [value], [("to", .integer(1))])
  }

  /// The bounds of a layer's codes, where its table or the width of the codes does not set them.
  private func clamped(
    _ value: String, _ written: WrittenLayer, _ index: Int, _ writer: inout ONNXWriter
  ) -> String {
    let (layer, step) = (written.layer, written.sums)
    func bound(_ name: String, _ code: Int16) -> String {
      writer.floats(
        "\(name)\(index)", shape: [], [Float(Int(code) - step.zeroPoint) * step.scale])
    }
    let isAbove = Int(layer.lowest) > step.width.range.lowerBound
    let isBelow = Int(layer.highest) < step.width.range.upperBound
    if !isBelow, layer.activation == .relu || Int(layer.lowest) == step.zeroPoint && isAbove {
      return writer.node("Relu", [value])
    }
    guard isAbove || isBelow else { return value }
    let lowest = isAbove || layer.activation == .relu ? bound("lowest", layer.lowest) : ""
    return writer.node(
      "Clip", [value, lowest] + (isBelow ? [bound("highest", layer.highest)] : []))
  }

  /// What the outputs mean: probabilities, or values in the targets' units.
  private func answers(_ value: String, _ writer: inout ONNXWriter) -> String {
    switch task.kind {
    case .binary, .multilabel: return writer.node("Sigmoid", [value])
    case .multiclass: return writer.node("Softmax", [value], [("axis", .integer(1))])
    case .anomaly: return value
    case .regression: break
    }
    guard let last = tensors.last else { return value }
    // The code that stands for 0 may lie outside of the codes, which a zero point may not.
    let offsets = zip(task.targetScaling, image.outputs).map { scaling, output in
      last.scale * scaling.scale * Double(Int64(last.zeroPoint) - Int64(output.origin))
    }
    guard
      offsets.contains(where: { $0 != 0 }) || task.targetScaling.contains(where: { $0.scale != 1 })
    else { return value }
    let scale = writer.doubles(
      "target_scale", shape: [offsets.count], task.targetScaling.map(\.scale))
    let offset = writer.doubles("target_offset", shape: [offsets.count], offsets)
    var value = writer.node("Cast", [value], [("to", .integer(11))])
    value = writer.node("Add", [writer.node("Mul", [value, scale]), offset])
    return writer.node("Cast", [value], [("to", .integer(1))])
  }
}

extension ONNXWriter {
  /// The scale and zero point of codes as constants.
  fileprivate mutating func parameters(_ name: String, _ step: CodeStep) -> [String] {
    let zeroPoint = littleEndianBytes([Int16(step.zeroPoint)]).prefix(step.width.bytes)
    return [
      floats("\(name)_scale", shape: [], [step.scale]),
      constant(
        "\(name)_zero_point", step.width == .eight ? .int8 : .int16, shape: [], Array(zeroPoint)),
    ]
  }

  /// Integers with a scale a row, or one for all, as the real numbers that they stand for.
  fileprivate mutating func dequantized(
    _ name: String, _ type: ElementType, shape: [Int], _ raw: [UInt8], scales: [Float]
  ) -> String {
    let integers = constant(name, type, shape: shape, raw)
    let scale = floats("\(name)_scale", shape: scales.count == 1 ? [] : [scales.count], scales)
    return node("DequantizeLinear", [integers, scale], [("axis", .integer(0))])
  }
}
