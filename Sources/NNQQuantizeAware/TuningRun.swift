// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQFormat
import NNQLinalg
import NNQQuantize
import NNQReference
import NNQTrain

/// The passes over the fitted rows: the integers as they move and what moves them.
struct TuningRun {
  private let start: FloatModel
  /// Of the tuned models: their weights lie on the grid of their codes and their biases are exact, so
  /// nothing is to be fitted again.
  private let settings: QuantizationSettings
  private let recipe: Recipe
  private let held: HeldBackRows
  /// `[fitted][inputs]`, input codes less their zero point.
  private let offsets: [[Float]]
  /// `[fitted][outputs]`, of the float model.
  private let exact: [[Float]]
  private let batch: Int

  private(set) var network: TunedNetwork
  /// What the quantizer made of the network last.
  private(set) var quantized: Int8Model
  private var order: [Int]
  private var random: RandomSource
  private var step = 0
  private(set) var pass = 0
  let plain: QuantizeAwareReport
  private(set) var best: QuantizeAwareReport
  /// The float model of the best pass.
  private var model: FloatModel
  private var bestSettings: QuantizationSettings

  /// Quantizes the model and begins where that ends.
  init(
    _ model: FloatModel, _ rows: TrainingRows, _ aware: QuantizeAware
  ) throws(QuantizeAwareError) {
    start = model
    self.model = model
    batch = rows.batch
    var settings = QuantizationSettings()
    settings.weights = aware.weights
    settings.threads = aware.training.threads
    bestSettings = settings
    let made = try translating { () throws(QuantizationError) in
      try Int8Model.quantizing(model, settings)
    }
    quantized = made.model
    recipe = made.report.chosen
    settings.rounding = .nearest
    settings.correctsBias = false
    settings.carriesErrors = false
    self.settings = settings
    network = TunedNetwork(
      LayerForm.all(made.model, made.report), model,
      by: aware.training.isReproducible ? .fixedOrder : .blas)

    let inference = FloatInference(model)
    func reading(_ row: Int) -> ArraySlice<Float> {
      rows.readings[row * model.inputs..<(row + 1) * model.inputs]
    }
    func outputs(_ row: Int) -> [Float] { inference.run(inference.standardized(reading(row))) }
    exact = rows.fitted.map(outputs)
    guard exact.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
      throw .quantization(.notFinite(layer: model.layers.count - 1))
    }
    let zeroPoints = made.model.input.map { Float($0.zeroPoint) }
    offsets = rows.fitted.map { row in
      zip(made.model.codes(reading(row)), zeroPoints).map { Float($0) - $1 }
    }
    held = HeldBackRows(
      rows, codes: rows.validation.flatMap { made.model.codes(reading($0)) },
      exact: rows.validation.flatMap(outputs))
    plain = try held.measure(made.model, pass: 0)
    best = plain
    order = Array(rows.fitted.indices)
    random = RandomSource(seed: aware.training.seed, stream: QuantizeAware.orderStream)
  }

  /// Runs one pass over the fitted rows in a new random order and measures what it made.
  mutating func runPass() throws(QuantizeAwareError) -> QuantizeAwareReport {
    pass += 1
    random.shuffle(&order)
    let steps = (order.count + batch - 1) / batch * QuantizeAware.passes
    for first in stride(from: 0, to: order.count, by: batch) {
      let places = order[first..<min(first + batch, order.count)]
      let rate = QuantizeAware.rate * Schedule.cosine.factor(step: step, steps: steps)
      step += 1
      let passes = network.passes(places.flatMap { offsets[$0] }, rows: places.count)
      let outputs = network.values(passes)
      let slope = Block<Float>(rows: outputs.rows, columns: outputs.columns)
      let targets = Block<Float>(rows: outputs.rows, columns: outputs.columns)
      targets.values.set(places.flatMap { exact[$0] })
      _ = outputs.squaredError(
        targets, share: 1 / Double(outputs.values.count), slope: slope)
      network.move(slope, passes, step: AdamStep(rate: rate, number: step))
    }
    let tuned = network.model(start)
    let made = try translating { () throws(QuantizationError) in
      try Int8Model.quantizing(tuned, settings, recipe: recipe)
    }
    quantized = made.model
    network.adopt(LayerForm.all(made.model, made.report))
    let report = try held.measure(made.model, pass: pass)
    if (report.sqnr ?? -.infinity) > best.sqnr ?? -.infinity {
      best = report
      model = tuned
      bestSettings = settings
    }
    return report
  }

  /// The best pass's model, with the recipe that makes its integers of it.
  func result(isInterrupted: Bool) throws(QuantizeAwareError) -> QuantizeAwareResult {
    var model = model
    model.provenance["quantize-aware"] =
      "weights=\(bestSettings.weights.rawValue) passes=\(pass) best=\(best.pass)"
    let made = try translating { () throws(QuantizationError) in
      try Int8Model.quantizing(model, bestSettings, recipe: recipe).model
    }
    model.provenance[QuantizationRecord.key] = made.provenance[QuantizationRecord.key]
    return QuantizeAwareResult(
      model: model, quantized: made, plain: plain, best: best, passes: pass,
      isInterrupted: isInterrupted)
  }
}

/// What the quantizer makes, with its error as one of this module.
private func translating<Result>(
  _ make: () throws(QuantizationError) -> Result
) throws(QuantizeAwareError) -> Result {
  do {
    return try make()
  } catch {
    throw .quantization(error)
  }
}
