// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQQuantize
import NNQReference

/// Builds an int8 perceptron from the integers of a foreign graph, one operator after the other.
struct Int8Network {
  /// A dense layer as a foreign graph gives it, the zero point of its input not yet folded in.
  struct Dense {
    let inputs: Int
    let outputs: Int
    /// `[outputs][inputs]`
    let weights: [Int8]
    /// `[outputs]`
    let bias: [Int]
    /// `[outputs]`
    let factors: [FixedPointMultiplier]
    var activation = Activation.Kind.identity
    var lowest: Int
    var highest: Int
  }

  /// How readings become the codes of the input; one element of each stands for all features.
  struct Reading {
    /// The scale of the codes is one of standardized units.
    var isStandardized: Bool
    var offsets = [0.0]
    var inverseScales: [Double]
    var zeroPoints: [Int32]
  }

  private(set) var layers: [FlatImage.Layer] = []
  /// The codes that each layer hands on.
  private var steps: [CodeStep] = []
  /// The codes in front of the last layer's table.
  private var sums: CodeStep?
  private var input: CodeStep?
  private var weightCount = 0
  var reading: Reading?
  var tail = Tail.none
  /// The names of the classes that the file holds.
  var classes: [String]?
  /// What is done to the real values behind the last layer.
  var pending: LayerFolding.Pending?

  /// The number of values that are handed on; nil before the first layer.
  var width: Int? { layers.last?.outputs }

  /// The codes that the last layer hands on.
  var output: CodeStep? { steps.last }

  // MARK: - Operators

  /// - Throws: ``InteropError`` when the integers leave what nnq's arithmetic holds.
  mutating func dense(
    _ dense: Dense, from taken: CodeStep, to made: CodeStep, _ node: InteropError.Node
  ) throws(InteropError) {
    try checkSize(inputs: dense.inputs, outputs: dense.outputs, node)
    var bias: [Int32] = []
    for row in 0..<dense.outputs {
      var sum = 0
      for weight in dense.weights[row * dense.inputs..<(row + 1) * dense.inputs] {
        guard weight > -128 else { throw .unsupportedUse(node, .integer(row: row, found: -128)) }
        sum += Int(weight)
      }
      // A bias far beyond its bound would overflow here.
      let given = min(max(dense.bias[row], -1 << 40), 1 << 40)
      let folded = given - taken.zeroPoint * sum
      guard folded.magnitude <= 1 << 30 else {
        throw .unsupportedUse(node, .integer(row: row, found: folded))
      }
      bias.append(Int32(folded))
    }
    if layers.isEmpty { input = taken }
    layers.append(
      FlatImage.Layer(
        inputs: dense.inputs, outputs: dense.outputs, activation: dense.activation,
        outputWidth: made.width, zeroPoint: Int16(made.zeroPoint), lowest: Int16(dense.lowest),
        highest: Int16(dense.highest), bias: bias, factors: dense.factors, weights: dense.weights))
    steps.append(made)
    sums = made
  }

  /// Refuses a layer that does not fit the one before it, or more weights than a model holds.
  mutating func checkSize(
    inputs: Int, outputs: Int, _ node: InteropError.Node
  ) throws(InteropError) {
    let sizes = 1...FormatLimit.width
    guard sizes.contains(inputs), sizes.contains(outputs), width ?? inputs == inputs else {
      throw .unsupportedUse(
        node, .shape(found: [outputs, inputs], expected: [outputs, width ?? inputs]))
    }
    weightCount += inputs * outputs
    guard layers.count < FormatLimit.layers, weightCount <= FormatLimit.section else {
      throw .tooLarge("weights", found: weightCount, limit: FormatLimit.section)
    }
  }

  /// Puts a table behind the last layer.
  ///
  /// - Throws: ``InteropError`` behind a table of 16-bit codes, which takes no other.
  mutating func table(
    _ activation: Activation.Kind, _ table: FlatImage.Layer.Table, to made: CodeStep,
    _ node: InteropError.Node
  ) throws(InteropError) {
    guard var layer = layers.popLast(), steps.popLast() != nil else {
      throw .unsupportedUse(node, .beforeFirstLayer)
    }
    switch (layer.table, table) {
    case (nil, _): layer.table = table
    case (.eight(let first), .eight(let second)):
      layer.table = .eight(first.map { second[Int($0) + 128] })
    case (.eight, _), (.sixteen, _): throw .unsupportedUse(node, .afterActivation)
    }
    layer.activation = activation
    layer.outputWidth = made.width
    layers.append(layer)
    steps.append(made)
  }

  // MARK: - Model

  /// The model with a task, names, self-test vectors and what its output codes mean.
  func model(_ settings: ImportSettings) throws(InteropError) -> Int8Model {
    guard let first = layers.first, let last = layers.last, let input, let output else {
      throw .noLayers
    }
    var (layers, steps) = (layers, steps)
    let endsInSigmoid = last.activation == .sigmoid && tail == .none
    let natural = endsInSigmoid ? Tail.sigmoid : tail
    var task = try settings.task(
      inputs: first.inputs, outputs: last.outputs, tail: natural, classes: classes)
    var step = output
    if endsInSigmoid, task.kind == .binary || task.kind == .multilabel, let sums {
      // The task takes logits: its threshold is one of probabilities.
      layers[layers.count - 1].table = nil
      layers[layers.count - 1].activation = .identity
      layers[layers.count - 1].outputWidth = sums.width
      steps[steps.count - 1] = sums
      step = sums
    }
    try scaleTargets(&task, &layers[layers.count - 1], step)
    let stage = try stage(task, outputs: last.outputs, features: first.inputs, input, step)
    var image = FlatImage(
      inputs: first.inputs, inputWidth: input.width, layers: layers, task: task.kind,
      probability: stage.probability, scoreThreshold: stage.scoreThreshold,
      outputs: stage.outputs, score: stage.score)
    do { try image.validate() } catch { throw .format(error) }
    image.selfTests = image.selfTests(seededRows(first.inputs, input.width))
    var features = try settings.features(count: first.inputs)
    let rules = try inputRules(input, &features)
    return Int8Model(
      image: image, features: features, task: task, input: rules,
      tensors: steps.map {
        Int8Model.Tensor(scale: Double($0.scale), zeroPoint: Int32($0.zeroPoint))
      })
  }

  /// Makes what is done behind the last layer the targets' scaling, and moves the layer's codes so
  /// that each offset is a whole number of them.
  private func scaleTargets(
    _ task: inout ModelTask, _ layer: inout FlatImage.Layer, _ step: CodeStep
  ) throws(InteropError) {
    guard let pending, !pending.isIdentity else { return }
    guard task.kind == .regression, pending.factors.allSatisfy({ $0 > 0 }),
      (pending.factors + pending.shifts).allSatisfy(\.isFinite)
    else {
      throw .unsupportedUse(
        InteropError.Node(name: "output", operation: "arithmetic"), .afterActivation)
    }
    task.targetScaling = zip(pending.factors, pending.shifts).map {
      ModelTask.TargetScaling(offset: $1, scale: $0)
    }
    guard layer.activation == .identity, var dense = layer.dense,
      let shifts = targetShifts(task, step.affine)
    else { return }
    for (row, shift) in shifts.enumerated() {
      // Requantizing multiplies by the factor, so a shift in codes is that much less in the sum.
      let moved = Double(dense.bias[row]) + (shift / dense.factors[row].real).rounded()
      guard moved.magnitude <= 0x1p30 else {
        throw .wrongTensor("offset of the output", shape: [layer.outputs])
      }
      dense.bias[row] = Int32(moved)
    }
    layer.dense = dense
  }

  private func stage(
    _ task: ModelTask, outputs: Int, features: Int, _ input: CodeStep, _ step: CodeStep
  ) throws(InteropError) -> OutputStage {
    // What one code of a feature is in standardized units is lost where readings become codes at once.
    guard task.kind != .anomaly || reading?.isStandardized != false else {
      throw .wrongTask(.anomaly, tail: "codes")
    }
    let inputs = Array(repeating: (codes: input.affine, shift: 0.0), count: features)
    do {
      return try OutputStage(
        task, count: outputs, codes: step.affine, inputs: inputs, layer: layers.count - 1)
    } catch {
      throw .wrongTensor("scale of the output", shape: [outputs])
    }
  }

  /// Two rows of codes for the self-test, spread over the input's range.
  private func seededRows(_ count: Int, _ width: CodeWidth) -> [[Int16]] {
    let range = width.range
    return [40_503, 30_011].map { step in
      (0..<count).map { Int16(range.lowerBound + ($0 + 1) * step % range.count) }
    }
  }

  /// The rules that a host follows, and the features that stand behind them.
  private func inputRules(
    _ input: CodeStep, _ features: inout [Feature]
  ) throws(InteropError) -> [Int8Model.Input] {
    guard let reading else {
      return features.map { _ in
        Int8Model.Input(
          offset: 0, inverseScale: 1 / Double(input.scale), zeroPoint: Int32(input.zeroPoint))
      }
    }
    for count in [reading.offsets.count, reading.inverseScales.count, reading.zeroPoints.count]
    where count != 1 && count != features.count {
      throw .mismatch(setting: "scaled inputs", found: count, expected: features.count)
    }
    func element<Value>(_ values: [Value], _ index: Int) -> Value {
      values[values.count == 1 ? 0 : index]
    }
    var rules: [Int8Model.Input] = []
    for index in features.indices {
      let inverse = element(reading.inverseScales, index)
      features[index].offset = element(reading.offsets, index)
      features[index].scale = 1 / (inverse * Double(input.scale))
      guard inverse > 0, inverse.isFinite, features[index].scale.isFinite,
        features[index].scale > 0
      else { throw .wrongTensor("scale of the input", shape: [features.count]) }
      rules.append(
        Int8Model.Input(
          offset: features[index].offset, inverseScale: inverse,
          zeroPoint: element(reading.zeroPoints, index)))
    }
    return rules
  }
}

extension CodeStep {
  /// The same codes as the quantizer describes them.
  var affine: AffineCodes { AffineCodes(scale: Double(scale), zeroPoint: zeroPoint, width: width) }
}
