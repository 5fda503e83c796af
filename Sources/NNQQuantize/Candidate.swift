// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQReference

/// A model quantized after one recipe, run on the calibration rows.
struct Candidate {
  let recipe: Recipe
  var image: FlatImage
  let input: InputScales
  /// What each layer hands on.
  let tensors: [AffineCodes]
  let layers: [QuantizationReport.Layer]
  /// `[rows][inputs]`, the calibration rows in input codes.
  let inputCodes: [[Int16]]
  /// `[rows][outputs]`, what the last layer hands on for them.
  let outputCodes: [[Int16]]

  /// The output's signal to noise on the calibration rows.
  var sqnr: Double? { layers.last?.sqnr }

  /// The output's noise as a share of its signal on the calibration rows; 0 for a constant output.
  var noise: Double { sqnr.map(powerOfNoise) ?? 0 }

  /// Quantizes layer by layer: each is fitted to the codes that the layers before it hand on.
  ///
  /// - Parameter measuresLayers: false leaves out every layer's signal to noise but the last one's.
  init(
    _ model: FloatModel, _ pass: CalibrationPass, _ settings: QuantizationSettings,
    _ recipe: Recipe, rounding: QuantizationSettings.Rounding, measuresLayers: Bool = true
  ) throws(QuantizationError) {
    self.recipe = recipe
    input = InputScales(
      model, pass, scheme: recipe.inputScale, width: recipe.inputWidth,
      margin: settings.inputMargin(recipe.inputWidth), rule: settings.ranges)
    inputCodes = input.codes(pass.readings, recipe.inputWidth)
    var tensors = [
      IncomingCodes(
        rows: inputCodes, width: recipe.inputWidth, scales: input.elements.map(\.codes.scale),
        zeroPoints: input.elements.map(\.codes.zeroPoint), shifts: input.elements.map(\.shift))
    ]
    var layers: [FlatImage.Layer] = []
    var reports: [QuantizationReport.Layer] = []
    var outputs: [AffineCodes] = []
    var clipped = input.clippedRows(inputCodes, pass.inputs, recipe.inputWidth)
    for (index, layer) in model.layers.enumerated() {
      let isLast = index == model.layers.count - 1
      let width = recipe.activations[index]
      var outputRange = settings.ranges.range(pass.outputs[index], width: width)
      if isLast, model.task.kind == .anomaly, width == .sixteen {
        // The score compares the input on the output's scale, so that scale has to hold the input.
        outputRange = outputRange.covering(input.standardizedRange)
      }
      let activation = ActivationCodes(
        // A gate's activation lies ahead of the product that is requantized.
        layer.operation.kind == .gate ? .identity : layer.activation,
        sumRange: settings.ranges.range(pass.sums[index], width: width),
        outputRange: outputRange, width: width, margin: settings.margin(width),
        fineMargin: settings.takesFineTables && width == .eight ? settings.margin(.sixteen) : nil)
      let kept = Self.unclipped(clipped)
      let built = try quantizeLayer(
        layer, tensors, activation, index: index, width: recipe.weights[index],
        rounding: layer.operation.kind == .dense
          ? RowRounding(rounding, tensors[index].rows) : nil,
        meanSums: settings.correctsBias ? pass.meanSums(ofLayer: index, rows: kept) : nil,
        rows: kept,
        outputShifts: isLast && layer.activation == .identity
          ? targetShifts(model.task, activation.output) : nil)
      let rows = built.handedOn(tensors.map(\.rows), index: index)
      let report = compare(
        "\(layer.operation.kind.name)\(index)", built, activation.output, rows,
        pass.outputs[index], measuresNoise: measuresLayers || isLast, clipped: &clipped)
      reports.append(report)
      layers.append(built)
      outputs.append(activation.output)
      tensors.append(IncomingCodes(rows: rows, codes: activation.output, count: layer.outputs))
    }
    guard let lastCodes = outputs.last else { throw .noLayers }
    let stage = try OutputStage(
      model.task, count: model.outputs, codes: lastCodes,
      inputs: input.elements.map { ($0.codes, $0.shift) }, layer: layers.count - 1)
    image = FlatImage(
      inputs: model.inputs, inputWidth: recipe.inputWidth, layers: layers, task: model.task.kind,
      probability: stage.probability, scoreThreshold: stage.scoreThreshold,
      outputs: stage.outputs, counts: try input.countRules(model.features), score: stage.score)
    self.tensors = outputs
    self.layers = reports
    outputCodes = tensors.last?.rows ?? []
  }

  /// `[rows][outputs]`, what the last layer hands on for rows of input codes.
  func run(_ input: [[Int16]]) -> [[Int16]] {
    var tensors = [input]
    for (index, layer) in image.layers.enumerated() {
      tensors.append(layer.handedOn(tensors, index: index))
    }
    return tensors.last ?? input
  }

  /// The rows that are not clipped, or all when those are less than half.
  private static func unclipped(_ clipped: [Bool]) -> [Int] {
    let kept = clipped.indices.filter { !clipped[$0] }
    return 2 * kept.count >= clipped.count ? kept : Array(clipped.indices)
  }
}

extension FlatImage.Layer {
  /// What layer `index` hands on for many rows.
  ///
  /// - Parameter tensors: `[index + 1][rows]`, the input and what the layers before it hand on.
  func handedOn(_ tensors: [[[Int16]]], index: Int) -> [[Int16]] {
    if case .dense(let dense) = operation { return handedOn(dense, tensors[index]) }
    return tensors[index].indices.map { row in
      run(tensors[index][row], tensors: tensors.map { $0[row] })
    }
  }
}

/// Quantizes a layer for the tensors that the layers before it hand on.
///
/// - Parameters: those of a dense layer; the others have no weights to round and no mean to correct.
private func quantizeLayer(
  _ layer: FloatModel.Layer, _ tensors: [IncomingCodes], _ activation: ActivationCodes, index: Int,
  width: WeightWidth, rounding: RowRounding?, meanSums: [Double]?, rows: [Int],
  outputShifts: [Double]?
) throws(QuantizationError) -> FlatImage.Layer {
  let incoming = tensors[index]
  return switch layer.operation {
  case .dense:
    try quantizeDense(
      layer, incoming, activation, index: index, width: width, rounding: rounding,
      meanSums: meanSums, rows: rows, outputShifts: outputShifts)
  case .layerNorm(let gamma, let beta, let epsilon):
    try quantizeLayerNorm(
      layer, gamma: gamma, beta: beta, epsilon: epsilon, incoming.codes, activation, index: index)
  case .add(let source):
    try quantizeAdd(
      layer, source: source, incoming.codes, tensors[source].codes, activation, index: index)
  case .gate:
    try quantizeGate(layer, incoming.codes, output: activation.output, index: index)
  }
}
