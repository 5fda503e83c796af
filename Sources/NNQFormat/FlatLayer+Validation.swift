// SPDX-License-Identifier: Apache-2.0

extension FlatImage.Layer {
  /// Checks the rules that concern this layer and the bits of what it takes.
  ///
  /// - Throws: ``ModelFormatError/invalidField(_:field:index:found:)`` with the first rule broken.
  func validate(_ index: Int, inputWidth: CodeWidth) throws(ModelFormatError) {
    let rules = LayerRules(index: index)
    let kind = operation.kind
    try rules.require((1...FormatLimit.width).contains(outputs), "layer outputs", outputs)
    try rules.require(kind.takes(inputs: inputs), "layer inputs", inputs)
    try rules.require(
      kind.outputs(ofInputs: inputs) ?? outputs == outputs, "layer outputs", outputs)
    try validateTable(rules, inputWidth)
    let codes = requantizedWidth.range
    try rules.require(
      requantizedWidth.zeroPoints.contains(Int(zeroPoint)), "zero point", zeroPoint)
    try rules.require(
      lowest <= highest && codes.contains(Int(lowest)) && codes.contains(Int(highest)), "clamp",
      "\(lowest) to \(highest)")
    switch operation {
    case .dense(let dense): try validate(dense, rules, inputWidth)
    case .layerNorm(let norm): try validate(norm, rules)
    case .add(let add): try validate(add, rules)
    case .gate(let gate): try validate(gate, rules, inputWidth)
    }
  }

  private func validateTable(
    _ rules: LayerRules, _ inputWidth: CodeWidth
  ) throws(ModelFormatError) {
    if operation.kind == .gate {
      try rules.require(
        table.map { $0.width == inputWidth } ?? true, "table", inputWidth.rawValue)
    } else {
      // A table of 8-bit codes cannot hand on 16 bits; one of 16-bit codes can hand on both.
      try rules.require(
        table?.width != .eight || outputWidth == .eight, "table", outputWidth.rawValue)
    }
    switch table {
    case nil: break
    case .eight(let codes): try rules.require(codes.count == Table.eightCount, "table", codes.count)
    case .sixteen(let codes):
      try rules.require(codes.count == Table.sixteenCount, "table", codes.count)
    }
  }

  private func validate(
    _ dense: Dense, _ rules: LayerRules, _ inputWidth: CodeWidth
  ) throws(ModelFormatError) {
    let weights = dense.weights
    try rules.require(
      dense.bias.count == outputs && dense.factors.count == outputs
        && weights.count == inputs * outputs, "layer data", weights.count)
    let range = dense.weightWidth.range
    for row in 0..<outputs {
      let bias = dense.bias[row]
      try rules.require(bias.magnitude <= 1 << 30, "bias of row \(row)", bias)
      let taken = row * inputs..<(row + 1) * inputs
      var (least, most, sum) = (Int8.max, Int8.min, Int32(0))
      for index in taken {
        let weight = weights[index]
        least = min(least, weight)
        most = max(most, weight)
        sum &+= Int32(weight.magnitude)
      }
      if least < range.lowerBound || most > range.upperBound {
        let weight = weights[taken].first { !range.contains($0) } ?? least
        try rules.require(false, "weight of row \(row)", weight)
      }
      // |bias| <= 2^30 and sum <= 65,535 * 127, so neither side overflows.
      let bound = Int64(bias.magnitude) + Int64(sum) * Int64(inputWidth.largestMagnitude)
      try rules.require(bound < 1 << 31, "accumulator bound of row \(row)", bound)
    }
  }

  private func validate(_ norm: LayerNorm, _ rules: LayerRules) throws(ModelFormatError) {
    try rules.require(
      norm.bias.count == outputs && norm.factors.count == outputs && norm.gain.count == outputs,
      "layer data", norm.gain.count)
    for row in 0..<outputs {
      try rules.require(
        norm.bias[row].magnitude <= 1 << 30, "bias of row \(row)", norm.bias[row])
      try rules.require(norm.gain[row] != -128, "gain of row \(row)", norm.gain[row])
    }
    try rules.require((1..<1 << 62).contains(norm.epsilon), "epsilon", norm.epsilon)
  }

  private func validate(_ add: Add, _ rules: LayerRules) throws(ModelFormatError) {
    // Each product is at most 2^29 in size, so the sum stays below 2^31.
    try rules.require(add.bias.magnitude < 1 << 30, "bias", add.bias)
    try rules.require(add.gain.magnitude <= Add.largestGain, "gain", add.gain)
    try rules.require(
      add.sourceGain.magnitude <= Add.largestGain, "gain of the source", add.sourceGain)
  }

  private func validate(
    _ gate: Gate, _ rules: LayerRules, _ inputWidth: CodeWidth
  ) throws(ModelFormatError) {
    // What comes out of the table has the bits of what went in, as a table-less half has.
    try rules.require(
      inputWidth.zeroPoints.contains(Int(gate.firstZeroPoint)), "zero point of the first half",
      gate.firstZeroPoint)
    try rules.require(
      inputWidth.zeroPoints.contains(Int(gate.secondZeroPoint)), "zero point of the second half",
      gate.secondZeroPoint)
  }
}

/// Turns a rule that does not hold into an error that names its layer. Its words are made only then:
/// there is a rule for each row.
private struct LayerRules {
  let index: Int

  func require<Found>(
    _ holds: Bool, _ field: @autoclosure () -> String, _ found: @autoclosure () -> Found
  ) throws(ModelFormatError) {
    guard holds else {
      throw .invalidField(.network, field: field(), index: index, found: "\(found())")
    }
  }
}
