// SPDX-License-Identifier: Apache-2.0
import Glibc
public import NNQFormat

/// What quantization did, measured on the calibration rows.
public struct QuantizationReport: Equatable, Sendable {
  /// One layer against the float network.
  public struct Layer: Equatable, Sendable {
    public var name: String
    /// Signal to quantization noise of what the layer hands on, in decibels; nil where the signal
    /// is constant or the two are equal.
    public var sqnr: Double?
    /// The share of the codes that lie at an end of their range although the float value lies
    /// beyond it.
    public var saturated: Double
  }

  /// One way to write the input in codes.
  public struct Trial: Equatable, Sendable {
    /// Feature or tensor.
    public var inputScale: QuantizationSettings.InputScale
    public var inputWidth: CodeWidth
    /// Of the output, in decibels; nil where nothing was lost or the output is constant.
    public var sqnr: Double?
  }

  public var chosen: Trial
  public var tried: [Trial]
  public var layers: [Layer]
  public var calibrationRows: Int
  public var outputWidth: CodeWidth
}

/// Signal to noise in decibels, `10 log10(sum (y - mean y)^2 / sum (y - yq)^2)`, centred for each
/// output; nil where either sum is 0.
///
/// - Shape: both are `[rows][outputs]`.
public func signalToNoise(_ exact: [[Float]], _ quantized: [[Double]]) -> Double? {
  guard let outputs = exact.first?.count else { return nil }
  var signal = 0.0
  var noise = 0.0
  for output in 0..<outputs {
    let mean = exact.reduce(0.0) { $0 + Double($1[output]) } / Double(exact.count)
    for (row, approximate) in zip(exact, quantized) {
      let value = Double(row[output])
      signal += (value - mean) * (value - mean)
      noise += (value - approximate[output]) * (value - approximate[output])
    }
  }
  guard signal > 0, noise > 0 else { return nil }
  return 10 * log10(signal / noise)
}
