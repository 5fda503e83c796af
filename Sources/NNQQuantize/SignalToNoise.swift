// SPDX-License-Identifier: Apache-2.0
import NNQMath

/// The signal-to-quantization-noise ratio in dB:
/// `10 log10(sum (y - mean y)^2 / sum (y - yq)^2)`, the mean taken for each output.
///
/// - Shape: both are `[rows][outputs]`, in the same unit.
/// - Returns: infinity when the outputs are equal, so that there is no noise; nil when no output varies
///   or a value is not finite.
package func signalToNoise(outputs: Int, exact: [Double], quantized: [Double]) -> Double? {
  precondition(outputs > 0 && exact.count % outputs == 0 && exact.count == quantized.count)
  var signal = 0.0
  var noise = 0.0
  for output in 0..<outputs {
    let places = stride(from: output, to: exact.count, by: outputs)
    signal += sumOfSquaresAroundMean(places.map { exact[$0] })
    for place in places {
      let error = exact[place] - quantized[place]
      noise += error * error
    }
  }
  guard signal.isFinite, noise.isFinite else { return nil }
  if noise == 0 { return .infinity }
  return signal > 0 ? 10 * PortableMath.log(signal / noise) / ln10 : nil
}

/// The power of the noise as a share of the signal's: the inverse of decibels.
func powerOfNoise(_ decibels: Double) -> Double { PortableMath.exp(-decibels * (ln10 / 10)) }

/// The same for codes: `exact` and `codes` are `[rows][outputs]`.
func signalToNoise(
  outputs: Int, exact: [[Float]], codes rows: [[Int16]], _ map: AffineCodes
) -> Double? {
  signalToNoise(
    outputs: outputs, exact: exact.flatMap { $0.map(Double.init) },
    quantized: rows.flatMap { $0.map { map.real(Int($0)) } })
}

/// `sum (y - mean y)^2`, from a mean that is found first; exactly 0 when all are alike.
package func sumOfSquaresAroundMean(_ values: [Double]) -> Double {
  // Measured from the first value, so that equal values give 0 whatever their mean rounds to.
  guard let first = values.first else { return 0 }
  let mean = values.reduce(0) { $0 + ($1 - first) } / Double(values.count)
  return values.reduce(0) { sum, value in
    let distance = (value - first) - mean
    return sum + distance * distance
  }
}

private let ln10 = 0x1.26bb1bbb55516p+1
