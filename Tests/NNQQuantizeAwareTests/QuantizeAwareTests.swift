// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQFormat
import NNQLinalg
import NNQQuantize
import NNQReference
import NNQRuntime
import NNQTestSupport
import NNQTrain
import Testing

@testable import NNQQuantizeAware

/// A table of two wave-like numbers, a float model of it and its training's settings.
struct Trained {
  let data: Dataset
  let settings: TrainingSettings
  let model: FloatModel

  init(
    rows: Int = 400, hidden: [Int] = [16, 12], activation: Activation = .relu,
    isReproducible: Bool = false, task: ModelTask.Kind = .regression
  ) throws {
    var random = RandomSource(seed: 71)
    var readings: [Float] = []
    var sums: [Float] = []
    for _ in 0..<rows {
      let (a, b, c) = (random.normal(), random.normal(), random.normal())
      readings += [Float(a), Float(20 + 4 * b), Float(0.01 * c)]
      sums.append(Float(a * b + 2 * abs(c) + (a > 1 ? 2 : 0)))
    }
    let isClass = task != .regression
    let target = Dataset.Target(
      name: isClass ? "label" : "target", values: sums,
      labels: isClass ? sums.map { Int32(min(max($0 / 1.5, 0), 2)) } : nil,
      vocabulary: isClass ? ["low", "middle", "high"] : [], isNumeric: !isClass)
    data = Dataset(
      featureNames: ["a", "b", "c"], rows: rows, readings: readings,
      targets: task == .anomaly ? [] : [target])
    var settings = TrainingSettings()
    settings.hidden = hidden
    settings.activation = activation
    settings.epochs = 40
    settings.task = task
    settings.learningRate = 0.01
    settings.isReproducible = isReproducible
    self.settings = settings
    model = try Trainer(settings: settings).train(data).model
  }

  func tuned(
    _ weights: QuantizationSettings.Weights = .four, passes: Int? = nil
  ) throws -> QuantizeAwareResult {
    try QuantizeAware(weights: weights, training: settings).tune(model, on: data) {
      $0.pass < passes ?? .max
    }
  }

  /// The rows held back, in input codes.
  func heldBack(_ model: Int8Model) throws -> [[Int16]] {
    let rows = try TrainingRows(data, settings: settings)
    return rows.validation.map {
      model.codes(rows.readings[$0 * model.features.count..<($0 + 1) * model.features.count])
    }
  }
}

@Suite struct QuantizeAwareTests {
  static let kinds: [(ModelTask.Kind, Activation)] = [
    (.regression, .relu), (.multiclass, .tanh), (.anomaly, .gelu),
    (.regression, .leakyRelu(slope: 0.1)),
  ]

  @Test(
    "the file that quantize makes answers with the codes of the last evaluation",
    arguments: kinds.indices)
  func sameCodes(index: Int) throws {
    let (task, activation) = Self.kinds[index]
    let trained = try Trained(activation: activation, task: task)
    let result = try trained.tuned()
    #expect(result.passes == QuantizeAware.passes)
    // As nnq quantize does without options, from the file's bytes.
    guard
      case .float(let read) = try Model(parsing: Model.float(result.model).serialized())
    else {
      Issue.record("a float model was written")
      return
    }
    let record = try #require(QuantizationRecord(trainedFor: read))
    let made = try Int8Model.quantizing(read, record.settings, recipe: record.recipe).model
    #expect(made == result.quantized)
    let codes = try trained.heldBack(made)
    var runtime = try FirmwareRuntime(image: try made.image.serialized())
    let reference = Int8Inference(result.quantized.image)
    for row in codes { #expect(runtime.run(row) == reference.run(row)) }
  }

  @Test("the integers of a pass are those of the quantizer's model", arguments: kinds.indices)
  func samePass(index: Int) throws {
    let (task, activation) = Self.kinds[index]
    let trained = try Trained(activation: activation, task: task)
    let rows = try TrainingRows(trained.data, settings: trained.settings)
    let aware = try QuantizeAware(weights: .four, training: trained.settings)
    var run = try TuningRun(trained.model, rows, aware)
    for _ in 0..<3 {
      let image = run.quantized.image
      let inputs = try trained.heldBack(run.quantized)
      let zeroPoints = run.quantized.input.map { Float($0.zeroPoint) }
      let passes = run.network.passes(
        inputs.flatMap { zip($0, zeroPoints).map { Float($0) - $1 } }, rows: inputs.count)
      let reference = Int8Inference(image)
      for (row, input) in inputs.enumerated() {
        for (layer, codes) in reference.layerOutputs(input).enumerated() {
          let zeroPoint = Int(run.quantized.tensors[layer].zeroPoint)
          let count = codes.count
          #expect(
            passes[layer].made[row * count..<(row + 1) * count].map { Int($0) + zeroPoint }
              == codes.map { Int($0) })
        }
      }
      _ = try run.runPass()
    }
  }

  @Test(
    "the forward pass is the runtime's for all widths of codes",
    arguments: QuantizationSettings.Weights.allCases, [QuantizationSettings.Width.eight, .sixteen])
  func widths(weights: QuantizationSettings.Weights, codes: QuantizationSettings.Width) throws {
    let model = try Trained(activation: .silu).model
    var settings = QuantizationSettings()
    (settings.weights, settings.inputWidth, settings.activations) = (weights, codes, codes)
    let made = try Int8Model.quantizing(model, settings)
    let network = TunedNetwork(LayerForm.all(made.model, made.report), model, by: .fixedOrder)
    let range = codes == .eight ? -128...127 : -32_768...32_767
    var random = RandomSource(seed: 73)
    let rows =
      [range.lowerBound, range.upperBound].map { [Int16](repeating: Int16($0), count: 3) }
      + (0..<40).map { _ in
        (0..<3).map { _ in Int16(range.lowerBound + random.below(range.count)) }
      }
    let zeroPoints = made.model.input.map { Float($0.zeroPoint) }
    let passes = network.passes(
      rows.flatMap { zip($0, zeroPoints).map { Float($0) - $1 } }, rows: rows.count)
    let zeroPoint = Int(made.model.tensors.last?.zeroPoint ?? 0)
    let reference = Int8Inference(made.model.image)
    #expect(
      passes.last?.made.map { Int($0) + zeroPoint }
        == rows.flatMap { reference.run($0).map(Int.init) })
  }

  @Test("the quantizer reads back the codes and biases that steps left", arguments: kinds.indices)
  func readBack(index: Int) throws {
    let (task, activation) = Self.kinds[index]
    let model = try Trained(activation: activation, task: task).model
    var settings = QuantizationSettings()
    settings.weights = .four
    // Every row of the nearest codes has one at the end of the range, from which its scale is found.
    settings.rounding = .nearest
    settings.correctsBias = false
    settings.carriesErrors = false
    let start = try Int8Model.quantizing(model, settings)
    let network = TunedNetwork(LayerForm.all(start.model, start.report), model, by: .fixedOrder)
    var random = RandomSource(seed: 72)
    for step in 1...20 {
      let offsets = (0..<8 * model.inputs).map { _ in Float(random.below(255)) - 127 }
      let passes = network.passes(offsets, rows: 8)
      let slope = network.values(passes)
      network.move(slope, passes, step: AdamStep(rate: 0.1, number: step))
    }
    let made = try Int8Model.quantizing(
      network.model(model), settings, recipe: start.report.chosen)
    var moved = 0
    for (layer, form) in zip(network.layers, LayerForm.all(made.model, made.report)) {
      #expect(layer.codes.values.elements.map { Int8($0) } == form.codes)
      // Half a step of rounding, and the 24 bits that a bias has in the float model.
      for (row, read) in form.bias.enumerated() {
        let left = layer.form.realBias(layer.bias[row], row: row, weights: [])
        let step = form.steps[row]
        #expect(
          abs(left - form.realBias(read, row: row, weights: [])) <= 0.5 * step + (abs(left) + 1)
            * 0x1p-22)
      }
      moved += zip(layer.form.codes, form.codes).count { $0 != $1 }
    }
    #expect(moved > 0)
  }

  @Test("the same model, rows and settings give the same bytes")
  func deterministic() throws {
    let trained = try Trained()
    let first = try trained.tuned(passes: 4)
    #expect(try trained.tuned(passes: 4) == first)
    #expect(first.isInterrupted && first.passes == 4)
  }

  /// The quantizer's own descent on the outputs may leave nothing to gain; then its model stays.
  @Test("trained 4-bit integers are at least 2 dB closer to the float model than the nearest codes")
  func gains() throws {
    let trained = try Trained()
    var settings = QuantizationSettings()
    settings.weights = .four
    settings.rounding = .nearest
    settings.correctsBias = false
    settings.carriesErrors = false
    let nearest = try Int8Model.quantizing(trained.model, settings).model
    let rows = try TrainingRows(trained.data, settings: trained.settings)
    let inference = FloatInference(trained.model)
    let readings = rows.validation.map { rows.readings[$0 * 3..<($0 + 1) * 3] }
    let held = HeldBackRows(
      rows, codes: readings.flatMap(nearest.codes),
      exact: readings.flatMap { inference.run(inference.standardized($0)) })
    let start = try #require(try held.measure(nearest, pass: 0).sqnr)

    let aware = try QuantizeAware(weights: .four, training: trained.settings)
    var reached = -Double.infinity
    let result = try aware.tune(trained.model, on: trained.data) {
      if $0.pass > 0 { reached = max(reached, $0.sqnr ?? reached) }
      return true
    }
    #expect(reached >= start + 2, "\(start) dB to \(reached) dB")
    let (plain, best) = (try #require(result.plain.sqnr), try #require(result.best.sqnr))
    #expect(best == max(plain, reached))
  }

  @Test("eight bits do not suffer")
  func eight() throws {
    let result = try Trained().tuned(.eight, passes: 3)
    #expect(result.best.sqnr ?? 0 >= result.plain.sqnr ?? .infinity)
  }

  @Test("what is no dense layer and what leaves no rows to choose by is refused")
  func refused() throws {
    func error(_ change: (inout TrainingSettings) -> Void) -> QuantizeAwareError? {
      var settings = TrainingSettings()
      change(&settings)
      do throws(QuantizeAwareError) {
        _ = try QuantizeAware(weights: .four, training: settings)
        return nil
      } catch {
        return error
      }
    }
    #expect(error { _ in } == nil)
    #expect(error { $0.isGated = true } == .unsupported(.gate))
    #expect(error { $0.normalization = .layer } == .unsupported(.layerNorm))
    #expect(error { $0.isResidual = true } == .unsupported(.add))
    #expect(error { $0.validation = 0 } == .noRowsHeldBack)
  }
}
