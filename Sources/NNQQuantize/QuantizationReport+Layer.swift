// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// How the quantized layer differs from the float one on the calibration rows.
///
/// - Parameters:
///   - range: the extremes of the float values.
///   - clipped: `[rows]`, set for each row with a code that lies at an end of its range although
///   the float value lies more than a step beyond it.
func compare(
  _ name: String, _ layer: FlatImage.Layer, _ codes: AffineCodes, _ rows: Rows<Int16>,
  _ exact: Rows<Float>, range: ClosedRange<Double>, measuresNoise: Bool, clipped: inout [Bool]
) -> QuantizationReport.Layer {
  let lowest = layer.table == nil ? Int(layer.lowest) : codes.width.range.lowerBound
  let highest = layer.table == nil ? Int(layer.highest) : codes.width.range.upperBound
  let low = codes.real(lowest) - codes.scale / 2
  let high = codes.real(highest) + codes.scale / 2
  var saturated = 0
  for (place, code) in rows.values.enumerated()
  where Int(code) == lowest || Int(code) == highest {
    // A ReLU's floor is where the float network is 0 too: no loss.
    let value = Double(exact.values[place])
    let isLow = Int(code) == lowest && value < low
    let isHigh = Int(code) == highest && value > high
    if isLow || isHigh { saturated += 1 }
    if isLow && value < low - codes.scale || isHigh && value > high + codes.scale {
      clipped[place / rows.columns] = true
    }
  }
  return QuantizationReport.Layer(
    name: name,
    sqnr: measuresNoise
      ? signalToNoise(exact: exact, codes: rows, codes) : nil,
    saturated: Double(saturated) / Double(max(rows.values.count, 1)),
    range: codes.real(lowest)...codes.real(highest),
    used: min(range.lowerBound, 0)...max(range.upperBound, 0),
    outputWidth: layer.outputWidth, weightWidth: layer.dense?.weightWidth)
}
