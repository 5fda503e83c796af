// SPDX-License-Identifier: Apache-2.0
public import NNQFormat

/// What quantization did, measured on the calibration rows.
public struct QuantizationReport: Equatable, Sendable {
  /// One layer against the float network.
  public struct Layer: Equatable, Sendable {
    public var name: String
    /// Signal to quantization noise of what the layer hands on, in decibels; infinite where nothing
    /// is lost, nil where the signal is constant.
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
    /// Of the output, in decibels; infinite where nothing is lost, nil where it is constant.
    public var sqnr: Double?
  }

  public var chosen: Trial
  public var tried: [Trial]
  public var layers: [Layer]
  public var calibrationRows: Int
  public var outputWidth: CodeWidth
}
