// SPDX-License-Identifier: Apache-2.0
public import NNQFormat

/// What the C runtime sees in one layer of a loaded image.
public struct RuntimeLayer: Equatable, Sendable {
  public let operation: OperationKind
  /// The number of codes that it takes.
  public let inputs: Int
  /// The number of codes that it hands on.
  public let outputs: Int
  /// The bits of a code that it takes: 8 or 16.
  public let inputBits: Int
  /// The bits of a code that it hands on: 8 or 16.
  public let outputBits: Int
  /// The bits of a weight: 8 or 4 for dense, else 0.
  public let weightBits: Int
  /// What the layer means; what it computes follows from its clamp and table.
  public let activation: Activation.Kind
  /// The bits of the codes that a table takes: 8 for one of 256 entries, 16 for one of 513; nil
  /// without a table.
  public let tableBits: Int?
  /// The multiplications of one inference.
  public let macs: Int
  /// The weights as stored, without padding.
  public let weightBytes: Int
  /// Biases, multipliers, shifts, weights, table and padding.
  public let dataBytes: Int
}
