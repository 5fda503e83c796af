// SPDX-License-Identifier: Apache-2.0

/// One thing that makes a model suffer under quantization, with its cure and what that gains.
public struct Finding: Equatable, Sendable {
  public enum Kind: String, CaseIterable, Sendable {
    case outlierChannel = "outlier-channel"
    case heterogeneousFeatures = "heterogeneous-features"
    case constantFeature = "constant-feature"
    case deadUnit = "dead-unit"
    case saturatedUnit = "saturated-unit"
    case coarseHead = "coarse-head"
    case largeBias = "large-bias"
    case unlikeRows = "unlike-rows"
    case fewRows = "few-rows"
    case dominantLayer = "dominant-layer"
    case unbalancedUnits = "unbalanced-units"
  }

  /// What `nnq quantize` is to be told.
  public enum Fix: Equatable, Sendable {
    case option(String, String)
    case prune
    /// Calibrate with the rows that the model is to be used on, or with more rows.
    case calibrate
    /// No option of quantization helps: sums that stay where codes and functions have room are a
    /// matter of training.
    case trainNormalized
  }

  /// What applying the fix gained.
  public enum Gain: Equatable, Sendable {
    /// Decibels of the output on rows held back, before and after.
    case sqnr(before: Double, after: Double)
    /// The share of decisions expected to turn, before and after.
    case flips(before: Double, after: Double)
    /// The number of weights, before and after.
    case weights(before: Int, after: Int)
    /// The fix needs rows that were not given, or a training.
    case unknown
  }

  public var kind: Kind
  /// The feature, unit or layer.
  public var place: String
  /// What was measured there; ``Kind`` says what it is.
  public var measure: Double
  public var fix: Fix
  public var gain: Gain
}
