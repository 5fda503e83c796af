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
    /// The values that the codes reach.
    public var range: ClosedRange<Double>
    /// The values of the float layer on the calibration rows, and 0.
    public var used: ClosedRange<Double>
    public var outputWidth: CodeWidth
    /// Nil without weights.
    public var weightWidth: WeightWidth?
    /// The output's signal to noise when this layer alone is quantized and the others stay float.
    public var alone: Double?
    /// What one code of the requantized sums, ahead of a table, stands for.
    package var sumScale = 0.0
  }

  /// A recipe, measured on calibration rows that were held back.
  public struct Trial: Equatable, Sendable {
    public var recipe: Recipe
    public var heldBack: HeldBack
    /// Whether it was tried on the first part of the rows alone, because others were better there.
    public var isScreened = false
  }

  public var chosen: Recipe
  /// Not auto. The layers are compared with those of the equalized float model.
  public var equalization: QuantizationSettings.Equalization
  /// Cheapest first; empty where the settings left no choice, and where the rows say nothing.
  public var tried: [Trial]
  /// Why nothing is known of other rows; nil where the calibration rows say it.
  public var blindness: Blindness?
  public var layers: [Layer]
  public var calibrationRows: Int
  /// Decisions on the calibration rows that the final model turns, and of how many.
  public var flipped: Int
  public var decisions: Int
  /// How many decisions lie in each tenth of the largest margin, and how many of those turned;
  /// empty for regression.
  public var margins: [MarginBin]

  /// Decisions whose float margin lies between two bounds.
  public struct MarginBin: Equatable, Sendable {
    public var upTo: Double
    public var count: Int
    public var flipped: Int
  }

  /// What the choice was made by, for the recipe that was taken; nil without a choice.
  public var heldBack: HeldBack? {
    tried.last { !$0.isScreened && $0.recipe == chosen }?.heldBack
  }
}
