// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// How the quantized layer differs from the float one on the calibration rows.
///
/// - Parameter clipped: `[rows]`, set for each row with a code that lies at an end of its range although
///   the float value lies more than a step beyond it.
func compare(
  _ name: String, _ layer: FlatImage.Layer, _ codes: AffineCodes, _ rows: [[Int16]],
  _ exact: [[Float]], measuresNoise: Bool, clipped: inout [Bool]
) -> QuantizationReport.Layer {
  let lowest = layer.table == nil ? Int(layer.lowest) : codes.width.range.lowerBound
  let highest = layer.table == nil ? Int(layer.highest) : codes.width.range.upperBound
  let low = codes.real(lowest) - codes.scale / 2
  let high = codes.real(highest) + codes.scale / 2
  var saturated = 0
  var total = 0
  var least = 0.0
  var most = 0.0
  for (index, (row, values)) in zip(rows, exact).enumerated() {
    for (code, value) in zip(row, values) {
      let value = Double(value)
      total += 1
      least = min(least, value)
      most = max(most, value)
      // A ReLU's floor is where the float network is 0 too: no loss.
      let isLow = Int(code) == lowest && value < low
      let isHigh = Int(code) == highest && value > high
      if isLow || isHigh { saturated += 1 }
      if isLow && value < low - codes.scale || isHigh && value > high + codes.scale {
        clipped[index] = true
      }
    }
  }
  return QuantizationReport.Layer(
    name: name,
    sqnr: measuresNoise
      ? signalToNoise(outputs: layer.outputs, exact: exact, codes: rows, codes) : nil,
    saturated: Double(saturated) / Double(max(total, 1)),
    range: codes.real(lowest)...codes.real(highest), used: least...most,
    outputWidth: layer.outputWidth, weightWidth: layer.dense?.weightWidth)
}
