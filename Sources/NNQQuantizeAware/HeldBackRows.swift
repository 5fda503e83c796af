// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQLinalg
import NNQQuantize
import NNQRuntime
import NNQTrain

/// The rows held back as input codes, on which int8 models are measured with the C runtime.
struct HeldBackRows {
  private let rows: TrainingRows
  /// `[rows][inputs]`
  private let codes: [Int16]
  /// `[rows][outputs]`, of the float model.
  private let exact: [Double]

  /// - Parameters:
  ///   - codes: `[rows][inputs]`, the same for all models that are measured.
  ///   - exact: `[rows][outputs]`
  init(_ rows: TrainingRows, codes: [Int16], exact: [Float]) {
    self.rows = rows
    self.codes = codes
    self.exact = exact.map(Double.init)
  }

  /// - Throws: ``QuantizeAwareError/quantization(_:)``.
  func measure(_ model: Int8Model, pass: Int) throws(QuantizeAwareError) -> QuantizeAwareReport {
    let values = try outputs(model)
    let count = model.image.outputs.count
    return QuantizeAwareReport(
      pass: pass, sqnr: signalToNoise(outputs: count, exact: exact, quantized: values),
      metric: rows.metric(
        Matrix(
          rows: rows.validation.count, columns: count, elements: values.map { Float($0) })))
  }

  /// `[rows][outputs]`, the values on the network's scale for what the C runtime hands on.
  private func outputs(_ model: Int8Model) throws(QuantizeAwareError) -> [Double] {
    var runtime: FirmwareRuntime
    do {
      runtime = try FirmwareRuntime(image: try model.image.serialized())
    } catch let error as ModelFormatError {
      throw .quantization(.format(error))
    } catch {
      throw .quantization(.refused)
    }
    let outputs = model.image.outputs
    return runtime.run(codes).enumerated().map { place, code in
      let value = outputs[place % outputs.count].real(code)
      guard model.task.kind == .regression else { return value }
      let scaling = model.task.targetScaling[place % outputs.count]
      return (value - scaling.offset) / scaling.scale
    }
  }
}
