// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQReference

/// One way to quantize a model, built and run on the calibration rows.
struct Candidate {
  let inputScale: QuantizationSettings.InputScale
  var image: FlatImage
  let input: [Int8Model.Input]
  let tensors: [Int8Model.Tensor]
  let layers: [QuantizationReport.Layer]
  /// `[rows][inputs]`, the calibration rows in input codes.
  let inputCodes: [[Int16]]

  /// The output's signal to noise on the calibration rows.
  var sqnr: Double? { layers.last?.sqnr }

  var trial: QuantizationReport.Trial {
    QuantizationReport.Trial(inputScale: inputScale, inputWidth: image.inputWidth, sqnr: sqnr)
  }

  /// Quantizes layer by layer: each is fitted to the codes that the layers before it hand on.
  init(
    _ model: FloatModel, _ pass: CalibrationPass, _ settings: QuantizationSettings,
    inputScale: QuantizationSettings.InputScale, inputWidth: CodeWidth, handsErrorsOn: Bool
  ) throws(QuantizationError) {
    let input = InputScales(
      model, pass, scheme: inputScale, width: inputWidth, margin: settings.margin(inputWidth))
    let hostRules = input.hostRules
    let inputCodes = pass.readings.map { row in
      zip(row, hostRules).map { $1.code($0, inputWidth) }
    }
    var tensors = [
      IncomingCodes(
        rows: inputCodes, width: inputWidth, scales: input.elements.map(\.codes.scale),
        zeroPoints: input.elements.map(\.codes.zeroPoint), shifts: input.elements.map(\.shift))
    ]
    var layers: [FlatImage.Layer] = []
    var reports: [QuantizationReport.Layer] = []
    var outputs: [AffineCodes] = []
    for (index, layer) in model.layers.enumerated() {
      let isLast = index == model.layers.count - 1
      let width = isLast ? settings.outputWidth : .eight
      var outputRange = pass.outputRanges[index]
      if isLast, model.task.kind == .anomaly, width == .sixteen {
        // The score compares the input on the output's scale, so that scale has to hold the input.
        outputRange = outputRange.covering(input.standardizedRange)
      }
      let activation = ActivationCodes(
        // A gate's activation lies ahead of the product that is requantized.
        layer.operation.kind == .gate ? .identity : layer.activation,
        sumRange: pass.sumRanges[index], outputRange: outputRange, width: width,
        margin: settings.margin(width))
      let built = try quantizeLayer(
        layer, tensors, activation, index: index,
        feedback: handsErrorsOn && layer.operation.kind == .dense
          ? ErrorFeedback(tensors[index].rows) : nil,
        meanSums: settings.correctsBias ? pass.meanSums[index] : nil,
        outputShifts: isLast && layer.activation == .identity
          ? targetShifts(model.task, activation.output) : nil)
      let rows = (0..<pass.rows).map { row in
        built.run(tensors[index].rows[row], tensors: tensors.map { $0.rows[row] })
      }
      reports.append(
        compare(
          "\(layer.operation.kind.name)\(index)", built, activation.output, rows,
          pass.outputs[index]))
      layers.append(built)
      outputs.append(activation.output)
      tensors.append(IncomingCodes(rows: rows, codes: activation.output, count: layer.outputs))
    }
    guard let outputCodes = outputs.last else { throw .noLayers }
    let stage = try OutputStage(
      model.task, count: model.outputs, codes: outputCodes,
      inputs: input.elements.map { ($0.codes, $0.shift) }, layer: layers.count - 1)
    image = FlatImage(
      inputs: model.inputs, inputWidth: inputWidth, layers: layers, task: model.task.kind,
      probability: stage.probability, scoreThreshold: stage.scoreThreshold,
      outputs: stage.outputs, counts: try input.countRules(model.features), score: stage.score)
    self.inputScale = inputScale
    self.input = hostRules
    self.tensors = outputs.map {
      Int8Model.Tensor(scale: $0.scale, zeroPoint: Int32($0.zeroPoint))
    }
    self.layers = reports
    self.inputCodes = inputCodes
  }
}

/// Quantizes a layer for the tensors that the layers before it hand on.
///
/// - Parameters: those of a dense layer; the others have no weights to round and no mean to correct.
private func quantizeLayer(
  _ layer: FloatModel.Layer, _ tensors: [IncomingCodes], _ activation: ActivationCodes, index: Int,
  feedback: ErrorFeedback?, meanSums: [Double]?, outputShifts: [Double]?
) throws(QuantizationError) -> FlatImage.Layer {
  let incoming = tensors[index]
  return switch layer.operation {
  case .dense:
    try quantizeDense(
      layer, incoming, activation, index: index, feedback: feedback, meanSums: meanSums,
      outputShifts: outputShifts)
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
