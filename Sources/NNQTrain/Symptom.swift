// SPDX-License-Identifier: Apache-2.0

/// Something that a training showed and that has a known cause.
public enum Symptom: Equatable, Sendable {
  /// The training loss fell by less than a twentieth from the first pass to its lowest.
  case flatLoss(first: Double, lowest: Double, learningRate: Double)
  /// Every row held back is put in this class.
  case oneClassOnly(label: String)
  /// The training loss fell on while that of the rows held back rose by a fifth from its lowest.
  case overfit(bestEpoch: Int, best: Double, last: Double)
  /// Both losses were still falling by more than a hundredth over the last tenth of the passes.
  case unfinished(epochs: Int)
  /// More than half of the units of a relu layer give 0 for every row.
  case deadUnits(layer: Int, share: Double)
  /// More than half of the values of a tanh or sigmoid layer are at its bounds.
  case saturated(layer: Int, share: Double)
  /// The gradient of the first layer is less than a thousandth of the last one's.
  case vanishing(first: Double, last: Double)
  /// The gradient of a layer was longer than a thousand.
  case exploding(layer: Int, norm: Double)
}
