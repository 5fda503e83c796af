// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQReference

extension Candidate {
  /// `[layers]`, the output's signal to noise when one layer alone is quantized: its input is written
  /// in codes, it runs in integers, and all other layers are float. On at most 64 rows, evenly spread:
  /// it is a ranking.
  func sensitivities(_ model: FloatModel, _ pass: CalibrationPass, threads: Int) -> [Double?] {
    let inference = FloatInference(model)
    let count = min(pass.rows, 64)
    let rows = (0..<count).map { $0 * pass.rows / count }
    let few = CalibrationPass(pass, rows: rows)
    // Codes of all tensors: an add takes more than the last.
    let codes =
      [inputCodes.rows(rows)]
      + zip(few.outputs, tensors).map { values, tensor in
        Rows(
          columns: values.columns, values: values.values.map { Int16(tensor.code(Double($0))) })
      }
    return concurrentMap(model.layers.count, threads: threads) { index in
      let made = image.layers[index].handedOn(Array(codes[...index]), index: index)
      var values = [few.inputs] + few.outputs[..<index]
      values.append(
        Rows(columns: made.columns, values: tensors[index].reals(made).map { Float($0) }))
      for later in model.layers.indices where later > index {
        values.append(
          inference.values(
            of: later, model.layers[later], for: inference.sums(of: later, values)))
      }
      return signalToNoise(
        outputs: max(model.outputs, 1),
        exact: few.outputs.last?.values.map(Double.init) ?? [],
        quantized: values.last?.values.map(Double.init) ?? [])
    }
  }
}
