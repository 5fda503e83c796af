// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// How the quantized layer differs from the float one on the calibration rows.
func compare(
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
