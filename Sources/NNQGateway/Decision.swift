// SPDX-License-Identifier: Apache-2.0

/// What a model decides for one message, in the integers of the device. One value is filled again and
/// again.
package struct Decision: Equatable, Sendable {
  /// Binary and anomaly: 0 or 1; multiclass: the index of the class; else -1.
  package var label: Int32 = -1
  /// How far the decision is from turning: in codes, for an anomaly in units of the score; 0 for
  /// multilabel and regression.
  package var margin: Int64 = 0
  /// Binary: the output code; multiclass: the highest output code; anomaly: the score; else 0.
  package var score: Int64 = 0
  /// Multilabel: `[outputs]`, 1 where the output reaches its threshold; else empty.
  package var flags: [UInt8] = []
  /// Multilabel: `[outputs]`; else empty.
  package var margins: [Int64] = []
  /// `[features]`, the input codes.
  package var input: [Int16] = []
  /// `[outputs]`
  package var codes: [Int16] = []
  /// The feature for which there is no decision.
  var faultFeature: Int?

  package init() {}
}
