// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQReference

/// A model quantized after one recipe, run on the calibration rows.
struct Candidate: Sendable {
  /// A layer as it was made, with what it hands on.
  private struct Step {
    let layer: FlatImage.Layer
    let codes: AffineCodes
    let report: QuantizationReport.Layer
    /// What it hands on for the calibration rows.
    let handedOn: IncomingCodes
    /// `[rows]`, whether its codes or those before it were clipped.
    let clipped: [Bool]
    /// How its weights were fitted to the codes that it takes in.
    let rounding: RowRounding?
  }

  /// What is found out about the calibration rows beside what the next layer needs.
  enum Measure {
    /// Every layer's signal to noise.
    case layers
    /// The last layer's.
    case output
    /// Nothing: the last layer is not run.
    case nothing
  }

  let recipe: Recipe
  var image: FlatImage
  let input: InputScales
  /// `[rows][inputs]`, the calibration rows in input codes.
  let inputCodes: Rows<Int16>
  private let steps: [Step]

  /// What each layer hands on.
  var tensors: [AffineCodes] { steps.map(\.codes) }
  var layers: [QuantizationReport.Layer] { steps.map(\.report) }

  /// `[rows][outputs]`, what the last layer hands on for the calibration rows.
  var outputCodes: Rows<Int16> { steps.last?.handedOn.rows ?? inputCodes }

  /// The output's signal to noise on the calibration rows.
  var sqnr: Double? { steps.last?.report.sqnr }

  /// The output's noise as a share of its signal on the calibration rows; 0 for a constant output.
  var noise: Double { sqnr.map(powerOfNoise) ?? 0 }

  /// Quantizes layer by layer: each is fitted to the codes that the layers before it hand on.
  ///
  /// - Parameters:
  ///   - other: one of the same model, rows, settings and rounding; the layers up to the first that
  ///     its recipe has otherwise are taken from it.
  init(
    _ model: FloatModel, _ pass: CalibrationPass, _ settings: QuantizationSettings,
    _ recipe: Recipe, rounding: QuantizationSettings.Rounding, measures: Measure = .layers,
    like other: Candidate? = nil
  ) throws(QuantizationError) {
    self.recipe = recipe
    let like = other.flatMap {
      $0.recipe.inputScale == recipe.inputScale && $0.recipe.inputWidth == recipe.inputWidth
        ? $0 : nil
    }
    input =
      like?.input
      ?? InputScales(
        model, pass, scheme: recipe.inputScale, width: recipe.inputWidth,
        margin: settings.inputMargin(recipe.inputWidth), rule: settings.ranges)
    inputCodes = like?.inputCodes ?? input.codes(pass.readings, recipe.inputWidth)
    let first = IncomingCodes(
      rows: inputCodes, width: recipe.inputWidth, scales: input.elements.map(\.codes.scale),
      zeroPoints: input.elements.map(\.codes.zeroPoint), shifts: input.elements.map(\.shift))
    let same = like.map { $0.recipe.commonLayers(recipe) } ?? 0
    var steps = Array(like?.steps.prefix(same) ?? [])
    for index in model.layers.indices.dropFirst(same) {
      let tensors = [first] + steps.map(\.handedOn)
      steps.append(
        try Self.step(
          model, pass, settings, recipe, input, tensors, index: index,
          clipped: steps.last?.clipped
            ?? input.clippedRows(inputCodes, pass.inputs, recipe.inputWidth),
          rounding: (index == same ? like?.steps[index].rounding : nil)
            ?? RowRounding(rounding, model, index, tensors, threads: settings.threads),
          measures: measures))
    }
    guard let last = steps.last else { throw .noLayers }
    let stage = try OutputStage(
      model.task, count: model.outputs, codes: last.codes,
      inputs: input.elements.map { ($0.codes, $0.shift) }, layer: steps.count - 1)
    image = FlatImage(
      inputs: model.inputs, inputWidth: recipe.inputWidth, layers: steps.map(\.layer),
      task: model.task.kind, probability: stage.probability,
      scoreThreshold: stage.scoreThreshold, outputs: stage.outputs,
      counts: try input.countRules(model.features), score: stage.score)
    self.steps = steps
  }

  /// Quantizes layer `index` for what the layers before it hand on.
  ///
  /// - Parameters:
  ///   - tensors: the input and what each layer before this one hands on.
  ///   - clipped: `[rows]`, whether those codes were clipped.
  private static func step(
    _ model: FloatModel, _ pass: CalibrationPass, _ settings: QuantizationSettings,
    _ recipe: Recipe, _ input: InputScales, _ tensors: [IncomingCodes], index: Int,
    clipped: [Bool], rounding: RowRounding?, measures: Measure
  ) throws(QuantizationError) -> Step {
    let layer = model.layers[index]
    let isLast = index == model.layers.count - 1
    let width = recipe.activations[index]
    var outputRange = settings.ranges.range(
      pass.outputs[index], extremes: pass.outputRanges[index], width: width)
    if isLast, model.task.kind == .anomaly, width == .sixteen {
      // The score compares the input on the output's scale, so that scale has to hold the input.
      outputRange = outputRange.covering(input.standardizedRange)
    }
    let activation = ActivationCodes(
      // A gate's activation lies ahead of the product that is requantized.
      layer.operation.kind == .gate ? .identity : layer.activation,
      sumRange: settings.ranges.range(
        pass.sums[index], extremes: pass.sumRanges[index], width: width),
      outputRange: outputRange, width: width, margin: settings.margin(width),
      fineMargin: settings.takesFineTables && width == .eight ? settings.margin(.sixteen) : nil)
    let kept = unclipped(clipped)
    var rounding = rounding
    if settings.carriesErrors, index > 0, recipe.weights[index] == .four {
      rounding?.carryErrors(layer, tensors[index], pass.sums[index], rows: kept)
    }
    let built = try quantizeLayer(
      layer, tensors, activation, index: index, width: recipe.weights[index],
      weightScales: settings.weightScales, rounding: rounding,
      meanSums: settings.correctsBias ? pass.meanSums(ofLayer: index, rows: kept) : nil,
      rows: kept,
      outputShifts: isLast && layer.activation == .identity
        ? targetShifts(model.task, activation.output) : nil,
      outputDescent: settings.descendsOnOutput && recipe.weights[index] == .four && rounding != nil
        && !isLast
        ? OutputDescent(model, pass, tensors[index], ofLayer: index, rows: kept) : nil)
    let rows =
      isLast && measures == .nothing
      ? Rows(columns: layer.outputs, values: [])
      : built.handedOn(tensors.map(\.rows), index: index, threads: settings.threads)
    var clipped = clipped
    var report = compare(
      "\(layer.operation.kind.name)\(index)", built, activation.output, rows, pass.outputs[index],
      range: pass.outputRanges[index],
      measuresNoise: measures == .layers || isLast && measures == .output, clipped: &clipped)
    report.sumScale = activation.sums.scale
    return Step(
      layer: built, codes: activation.output, report: report,
      handedOn: IncomingCodes(rows: rows, codes: activation.output, count: layer.outputs),
      clipped: clipped, rounding: rounding)
  }

  /// `[rows][outputs]`, what the last layer hands on for rows of input codes.
  func run(_ input: Rows<Int16>) -> Rows<Int16> {
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

extension Recipe {
  /// How many layers from the first on are the same in both, for the same input.
  fileprivate func commonLayers(_ other: Recipe) -> Int {
    activations.indices.first {
      activations[$0] != other.activations[$0] || weights[$0] != other.weights[$0]
    } ?? activations.count - 1
  }
}

extension FlatImage.Layer {
  /// What layer `index` hands on for many rows.
  ///
  /// - Parameter tensors: `[index + 1]`, the input and what the layers before it hand on.
  func handedOn(_ tensors: [Rows<Int16>], index: Int, threads: Int = 1) -> Rows<Int16> {
    if case .dense(let dense) = operation {
      return handedOn(dense, tensors[index], threads: threads)
    }
    return Rows(
      tensors[index].indices.map { row in
        run(tensors[index][row], tensors: tensors.map { $0[row] })
      })
  }
}

/// Quantizes a layer for the tensors that the layers before it hand on.
///
/// - Parameters: those of a dense layer; the others have no weights to round and no mean to correct.
private func quantizeLayer(
  _ layer: FloatModel.Layer, _ tensors: [IncomingCodes], _ activation: ActivationCodes, index: Int,
  width: WeightWidth, weightScales: QuantizationSettings.WeightScales, rounding: RowRounding?,
  meanSums: [Double]?, rows: [Int], outputShifts: [Double]?, outputDescent: OutputDescent?
) throws(QuantizationError) -> FlatImage.Layer {
  let incoming = tensors[index]
  return switch layer.operation {
  case .dense:
    try quantizeDense(
      layer, incoming, activation, index: index, width: width, weightScales: weightScales,
      rounding: rounding, meanSums: meanSums, rows: rows, outputShifts: outputShifts,
      outputDescent: outputDescent)
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
