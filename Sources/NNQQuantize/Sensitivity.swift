// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQReference

extension Candidate {
  /// `[layers]`, the output's signal to noise when one layer alone is quantized: its input is written
  /// in codes, it runs in integers, and all other layers are float. On at most 64 rows, evenly spread:
  /// it is a ranking.
  func sensitivities(_ model: FloatModel, _ pass: CalibrationPass) -> [Double?] {
    let inference = FloatInference(model)
    let count = min(pass.rows, 64)
    let rows = (0..<count).map { $0 * pass.rows / count }
    let exact = rows.flatMap { row in (pass.outputs.last?[row] ?? []).map(Double.init) }
    return model.layers.indices.map { index in
      let outputs = rows.map { row in
        output(of: row, quantizing: index, inference, pass)
      }
      return signalToNoise(
        outputs: max(model.outputs, 1), exact: exact,
        quantized: outputs.joined().map(Double.init))
    }
  }

  private func output(
    of row: Int, quantizing index: Int, _ inference: FloatInference, _ pass: CalibrationPass
  ) -> [Float] {
    var values = [pass.inputs[row]] + pass.outputs[..<index].map { $0[row] }
    // Codes of all tensors so far: an add takes more than the last.
    let codes = values.indices.map { tensor in
      tensor == 0
        ? inputCodes[row] : values[tensor].map { Int16(tensors[tensor - 1].code(Double($0))) }
    }
    let made = image.layers[index].run(codes[index], tensors: codes)
    values.append(made.map { Float(tensors[index].real(Int($0))) })
    for later in image.layers.indices where later > index {
      values.append(inference.values(of: later, for: inference.sums(of: later, values)))
    }
    return values.last ?? []
  }
}
