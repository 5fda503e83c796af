// SPDX-License-Identifier: Apache-2.0
public import NNQFormat

/// A float model `6 -> 8 -> ... -> 3` whose layers after the first are of every operation.
///
/// - Parameter kinds: the operations between the first and the last dense layer.
public func sampleFloatModel(
  of kinds: [OperationKind], activation: Activation = .identity, rows: Int = 128, seed: UInt64
) -> FloatModel {
  var random = TestRandom(seed: seed)
  var model = sampleFloatModel(.regression, widths: [6, 8, 3], rows: rows, seed: seed)
  let last = model.layers.removeLast()
  var width = 8
  // Tensors that an add may still take.
  var firstSource = 1
  for kind in kinds {
    let index = model.layers.count
    let operation: FloatModel.Layer.Operation
    var outputs = width
    switch kind {
    case .dense:
      outputs = 8
      let spread = (2 / Double(width)).squareRoot()
      operation = .dense(
        weights: (0..<outputs * width).map { _ in Float(random.normal() * spread) },
        bias: (0..<outputs).map { _ in Float(random.normal() * 0.1) })
    case .layerNorm:
      operation = .layerNorm(
        gamma: (0..<width).map { _ in Float(1 + 0.3 * random.normal()) },
        beta: (0..<width).map { _ in Float(0.2 * random.normal()) }, epsilon: 1e-5)
    case .add:
      let counts = [model.inputs] + model.layers.map(\.outputs)
      let source = (firstSource..<index).first { counts[$0] == width } ?? index - 1
      precondition(source >= firstSource && counts[source] == width, "no tensor to add")
      operation = .add(source: source)
      firstSource = index + 1
    case .gate:
      outputs = width / 2
      operation = .gate
    }
    model.layers.append(
      FloatModel.Layer(
        inputs: width, outputs: outputs, operation: operation, activation: activation))
    width = outputs
  }
  model.layers.append(
    FloatModel.Layer(
      inputs: width, outputs: 3,
      weights: (0..<3 * width).map { last.weights[$0 % last.weights.count] }, bias: last.bias,
      activation: .identity))
  return model
}

/// A flat image of random integers with layers of every operation, table and weight width.
public func sampleImageOfOperations(depth: Int, random: inout TestRandom) -> FlatImage {
  let inputs = 2 * Int.random(in: 1...40, using: &random)
  let input: CodeWidth = Bool.random(using: &random) ? .eight : .sixteen
  var image = sampleImage(
    widths: [inputs, 2], input: input, output: .eight, random: &random)
  image.layers = []
  var lastAdd = -1
  for index in 0..<depth {
    let width = image.count(ofTensor: index)
    var kinds: [OperationKind] = [.dense]
    if width >= 2 { kinds.append(.layerNorm) }
    if width.isMultiple(of: 2) { kinds.append(.gate) }
    let sources = (lastAdd + 1..<max(index, lastAdd + 1)).filter {
      image.count(ofTensor: $0) == width
    }
    if !sources.isEmpty { kinds += [.add, .add, .add] }
    let kind = kinds[Int.random(in: 0..<kinds.count, using: &random)]
    if kind == .add { lastAdd = index }
    image.layers.append(
      sampleLayer(
        kind, inputs: width, taken: image.width(ofTensor: index),
        source: sources.randomElement(using: &random) ?? 0, random: &random))
  }
  let outputs = image.count(ofTensor: depth)
  image.outputs = (0..<outputs).map { _ in
    FlatImage.Output(origin: 0, multiplier: 1 << 30, exponent: 0)
  }
  return image
}

private func sampleLayer(
  _ kind: OperationKind, inputs: Int, taken: CodeWidth, source: Int, random: inout TestRandom
) -> FlatImage.Layer {
  let outputs =
    switch kind {
    case .dense: Int.random(in: 1...2, using: &random) * (inputs + 1) / 2 * 2
    case .layerNorm, .add: inputs
    case .gate: inputs / 2
    }
  let width: CodeWidth = Bool.random(using: &random) ? .eight : .sixteen
  let table: FlatImage.Layer.Table? =
    switch Int.random(in: 0..<3, using: &random) {
    case 0 where kind == .gate ? taken == .eight : width == .eight:
      .eight((0..<256).map { _ in Int8.random(in: .min ... .max, using: &random) })
    case 1 where kind != .gate || taken == .sixteen:
      .sixteen((0..<513).map { _ in Int16.random(in: .min ... .max, using: &random) })
    default: nil
    }
  func bias() -> Int32 { Int32.random(in: -(1 << 30) + 1...(1 << 30) - 1, using: &random) }
  func factor() -> FixedPointMultiplier { sampleFactor(36...52, &random) }
  func zeroPoint(_ width: CodeWidth) -> Int16 {
    Int16(Int.random(in: width.zeroPoints, using: &random))
  }
  let operation: FlatImage.Layer.Operation
  switch kind {
  case .dense:
    let weightWidth: WeightWidth = Bool.random(using: &random) ? .four : .eight
    let room = Int8(min((1 << 30) / taken.largestMagnitude / inputs, 127))
    let largest = min(room, weightWidth.range.upperBound)
    operation = .dense(
      FlatImage.Layer.Dense(
        bias: (0..<outputs).map { _ in bias() }, factors: (0..<outputs).map { _ in factor() },
        weights: (0..<inputs * outputs).map { _ in
          Int8.random(in: -largest...largest, using: &random)
        }, weightWidth: weightWidth))
  case .layerNorm:
    operation = .layerNorm(
      FlatImage.Layer.LayerNorm(
        bias: (0..<outputs).map { _ in bias() }, factors: (0..<outputs).map { _ in factor() },
        gain: (0..<outputs).map { _ in Int8.random(in: -127...127, using: &random) },
        epsilon: UInt64.random(
          in: 1..<1 << UInt64.random(in: 1...62, using: &random), using: &random)))
  case .add:
    operation = .add(
      FlatImage.Layer.Add(
        source: source, bias: bias(), factor: factor(),
        gain: Int16.random(in: -16_384...16_384, using: &random),
        sourceGain: Int16.random(in: -16_384...16_384, using: &random)))
  case .gate:
    operation = .gate(
      FlatImage.Layer.Gate(
        factor: factor(), firstZeroPoint: zeroPoint(taken), secondZeroPoint: zeroPoint(taken)))
  }
  var layer = FlatImage.Layer(
    inputs: inputs, outputs: outputs,
    activation: Activation.Kind.allCases[
      Int.random(in: 0..<Activation.Kind.allCases.count, using: &random)],
    outputWidth: width, zeroPoint: 0, lowest: 0, highest: 0, operation: operation, table: table)
  let codes = layer.requantizedWidth
  layer.zeroPoint = zeroPoint(codes)
  layer.lowest = Int16(Int.random(in: codes.range.lowerBound...(-1), using: &random))
  layer.highest = Int16(Int.random(in: 0...codes.range.upperBound, using: &random))
  return layer
}
