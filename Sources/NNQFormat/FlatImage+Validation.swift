// SPDX-License-Identifier: Apache-2.0

extension FlatImage {
  /// Checks every rule of the flat image that goes beyond the layout of its bytes.
  ///
  /// - Throws: ``ModelFormatError/invalidField(_:field:index:found:)`` with the first rule broken.
  public func validate() throws(ModelFormatError) {
    func require(
      _ holds: Bool, _ section: SectionType, _ field: String, _ index: Int, _ found: some Any
    ) throws(ModelFormatError) {
      guard holds else {
        throw .invalidField(section, field: field, index: index, found: "\(found)")
      }
    }
    try require((1...FormatLimit.width).contains(inputs), .network, "inputs", 0, inputs)
    try require(
      (1...FormatLimit.layers).contains(layers.count), .network, "layers", 0, layers.count)
    var width = inputs
    var lastAdd: Int?
    for (index, layer) in layers.enumerated() {
      try require(layer.inputs == width, .network, "layer inputs", index, layer.inputs)
      try layer.validate(index, inputWidth: inputWidth(ofLayer: index))
      if case .add(let add) = layer.operation {
        try require(
          isSource(add.source, ofAdd: index, after: lastAdd)
            && count(ofTensor: add.source) == layer.inputs, .network, "source", index, add.source)
        lastAdd = index
      }
      width = layer.outputs
    }
    try require(outputs.count == width, .outputs, "outputs", 0, outputs.count)
    try validateOutputs()

    if let counts {
      try require(counts.count == inputs, .counts, "features", 0, counts.count)
      for (index, count) in counts.enumerated() {
        let reach = max(
          abs(Int64(count.range.lowerBound) - Int64(count.offset)),
          abs(Int64(count.range.upperBound) - Int64(count.offset)))
        try require(reach < 1 << 31, .counts, "offset", index, count.offset)
        try require(
          inputWidth.zeroPoints.contains(Int(count.zeroPoint)), .counts, "zero point", index,
          count.zeroPoint)
      }
    }
    try require((score != nil) == (task == .anomaly), .score, "presence", 0, task.name)
    for (index, target) in (score ?? []).enumerated() {
      try require(
        target.origin.magnitude <= 1 << 30, .score, "origin", index, target.origin)
    }
    try require(score.map { $0.count == inputs } ?? true, .score, "features", 0, score?.count ?? 0)

    try require(
      selfTests.count <= FormatLimit.selfTestVectors, .selfTest, "vectors", 0, selfTests.count)
    for (index, vector) in selfTests.enumerated() {
      try require(
        vector.input.count == inputs && vector.output.count == outputs.count
          && vector.digests.count == layers.count, .selfTest, "vector", index, vector.input.count)
      try require(
        vector.input.allSatisfy { inputWidth.range.contains(Int($0)) }
          && vector.output.allSatisfy { outputWidth.range.contains(Int($0)) }, .selfTest, "codes",
        index, "a code outside its width")
    }
  }

  private func validateOutputs() throws(ModelFormatError) {
    func require(_ holds: Bool, _ field: String, _ index: Int, _ found: some Any)
      throws(ModelFormatError)
    {
      guard holds else {
        throw .invalidField(.outputs, field: field, index: index, found: "\(found)")
      }
    }
    let count = outputs.count
    let countFits =
      switch task {
      case .binary: count == 1
      case .multiclass: count >= 2
      case .multilabel, .regression: true
      case .anomaly: count == inputs
      }
    try require(countFits, "outputs", 0, count)
    let isDecision = [.binary, .multiclass, .multilabel].contains(task)
    try require(isDecision || probability == nil, "probabilities", 0, task.name)
    try require(
      scoreThreshold >= 0 && (task == .anomaly || scoreThreshold == 0), "score threshold", 0,
      scoreThreshold)
    for (index, output) in outputs.enumerated() {
      try require(
        FixedPointMultiplier.multipliers.contains(output.multiplier), "scale multiplier", index,
        output.multiplier)
      try require(
        (-1000...1000).contains(output.exponent), "scale exponent", index, output.exponent)
      try require(
        task == .regression || outputWidth.range.contains(Int(output.origin)), "origin", index,
        output.origin)
      try require(
        task == .binary || task == .multilabel || output.threshold == 0, "threshold", index,
        output.threshold)
    }
  }
}
