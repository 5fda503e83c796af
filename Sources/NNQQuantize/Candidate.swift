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
    var incoming = IncomingCodes(
      rows: inputCodes, width: inputWidth, scales: input.elements.map(\.codes.scale),
      zeroPoints: input.elements.map(\.codes.zeroPoint), shifts: input.elements.map(\.shift))
    var layers: [FlatImage.Layer] = []
    var reports: [QuantizationReport.Layer] = []
    var tensors: [Int8Model.Tensor] = []
    var outputCodes: AffineCodes?
    for (index, layer) in model.layers.enumerated() {
      let isLast = index == model.layers.count - 1
      let width = isLast ? settings.outputWidth : .eight
      var outputRange = pass.outputRanges[index]
      if isLast, model.task.kind == .anomaly, width == .sixteen {
        // The score compares the input on the output's scale, so that scale has to hold the input.
        outputRange = outputRange.covering(input.standardizedRange)
      }
      let activation = ActivationCodes(
        layer.activation, sumRange: pass.sumRanges[index], outputRange: outputRange, width: width,
        margin: settings.margin(width))
      let built = try quantizeLayer(
        layer, incoming, activation, index: index,
        feedback: handsErrorsOn ? ErrorFeedback(incoming.rows) : nil,
        meanSums: settings.correctsBias ? pass.meanSums[index] : nil,
        outputShifts: isLast && layer.activation == .identity
          ? targetShifts(model.task, activation.output) : nil)
      let rows = incoming.rows.map { built.run($0, tensors: []) }
      reports.append(
        compare("dense\(index)", built, activation.output, rows, pass.outputs[index]))
      layers.append(built)
      tensors.append(
        Int8Model.Tensor(
          scale: activation.output.scale, zeroPoint: Int32(activation.output.zeroPoint)))
      incoming = IncomingCodes(rows: rows, codes: activation.output, count: layer.outputs)
      outputCodes = activation.output
    }
    guard let outputCodes else { throw .noLayers }
    let stage = try OutputStage(
      model.task, count: model.outputs, codes: outputCodes, input: input, layer: layers.count - 1)
    image = FlatImage(
      inputs: model.inputs, inputWidth: inputWidth, layers: layers, task: model.task.kind,
      probability: stage.probability, scoreThreshold: stage.scoreThreshold,
      outputs: stage.outputs, counts: try input.countRules(model.features), score: stage.score)
    self.inputScale = inputScale
    self.input = hostRules
    self.tensors = tensors
    self.layers = reports
    self.inputCodes = inputCodes
  }
}

/// How the quantized layer differs from the float one on the calibration rows.
private func compare(
  _ name: String, _ layer: FlatImage.Layer, _ codes: AffineCodes, _ rows: [[Int16]],
  _ exact: [[Float]]
) -> QuantizationReport.Layer {
  let lowest = layer.table == nil ? Int(layer.lowest) : codes.width.range.lowerBound
  let highest = layer.table == nil ? Int(layer.highest) : codes.width.range.upperBound
  let low = codes.real(lowest) - codes.scale / 2
  let high = codes.real(highest) + codes.scale / 2
  var saturated = 0
  var total = 0
  for (row, values) in zip(rows, exact) {
    for (code, value) in zip(row, values) {
      total += 1
      // A ReLU's floor is where the float network is 0 too: no loss.
      if Int(code) == lowest, Double(value) < low { saturated += 1 }
      if Int(code) == highest, Double(value) > high { saturated += 1 }
    }
  }
  return QuantizationReport.Layer(
    name: name,
    sqnr: signalToNoise(
      outputs: layer.outputs, exact: exact.flatMap { $0.map(Double.init) },
      quantized: rows.flatMap { $0.map { codes.real(Int($0)) } }),
    saturated: Double(saturated) / Double(max(total, 1)))
}
