// SPDX-License-Identifier: Apache-2.0
import CNNQVector
import NNQMath

/// The signal-to-quantization-noise ratio in dB:
/// `10 log10(sum (y - mean y)^2 / sum (y - yq)^2)`, the mean taken for each output.
///
/// - Shape: both are `[rows][outputs]`, in the same unit.
/// - Returns: infinity when the outputs are equal, so that there is no noise; nil when no output varies
///   or a value is not finite.
package func signalToNoise(outputs: Int, exact: [Double], quantized: [Double]) -> Double? {
  precondition(outputs > 0 && exact.count % outputs == 0 && exact.count == quantized.count)
  guard !exact.isEmpty else { return .infinity }
  let rows = exact.count / outputs
  // Measured from the first value, so that equal values give 0 whatever their mean rounds to.
  let first = Array(exact[..<outputs])
  var means = [Double](repeating: 0, count: outputs)
  var signals = means
  var noises = means
  unsafe exact.withUnsafeBufferPointer { exact in
    unsafe quantized.withUnsafeBufferPointer { quantized in
      for start in stride(from: 0, to: rows * outputs, by: outputs) {
        for output in 0..<outputs {
          unsafe means[output] += exact[start + output] - first[output]
        }
      }
      for output in 0..<outputs { means[output] /= Double(rows) }
      for start in stride(from: 0, to: rows * outputs, by: outputs) {
        for output in 0..<outputs {
          let value = unsafe exact[start + output]
          let distance = (value - first[output]) - means[output]
          let error = unsafe value - quantized[start + output]
          signals[output] += distance * distance
          noises[output] += error * error
        }
      }
    }
  }
  return decibels(signals, noises)
}

/// Of the sums of squares of each output's signal and noise.
private func decibels(_ signals: [Double], _ noises: [Double]) -> Double? {
  let signal = signals.reduce(0, +)
  let noise = noises.reduce(0, +)
  guard signal.isFinite, noise.isFinite else { return nil }
  if noise == 0 { return .infinity }
  return signal > 0 ? 10 * PortableMath.log(signal / noise) / ln10 : nil
}

/// The power of the noise as a share of the signal's: the inverse of decibels.
func powerOfNoise(_ decibels: Double) -> Double { PortableMath.exp(-decibels * (ln10 / 10)) }

/// The same for codes: `exact` and `codes` are `[rows][outputs]`.
func signalToNoise(exact: Rows<Float>, codes rows: Rows<Int16>, _ map: AffineCodes) -> Double? {
  precondition(exact.values.count == rows.values.count)
  guard !exact.isEmpty else { return .infinity }
  let first = exact[0].map(Double.init)
  var means = [Double](repeating: 0, count: exact.columns)
  var signals = means
  var noises = means
  unsafe exact.values.withUnsafeBufferPointer { values in
    unsafe rows.values.withUnsafeBufferPointer { codes in
      unsafe first.withUnsafeBufferPointer { first in
        unsafe means.withUnsafeMutableBufferPointer { means in
          unsafe signals.withUnsafeMutableBufferPointer { signals in
            unsafe noises.withUnsafeMutableBufferPointer { noises in
              if let values = values.baseAddress, let codes = codes.baseAddress,
                let first = first.baseAddress, let means = means.baseAddress,
                let signals = signals.baseAddress, let noises = noises.baseAddress
              {
                unsafe nnq_signal_and_noise(
                  values, codes, exact.count, exact.columns, map.scale, Int32(map.zeroPoint),
                  first, means, signals, noises)
              }
            }
          }
        }
      }
    }
  }
  return decibels(signals, noises)
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
