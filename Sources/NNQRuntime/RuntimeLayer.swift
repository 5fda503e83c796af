// SPDX-License-Identifier: Apache-2.0
public import NNQFormat

/// What the C runtime sees in one layer of a loaded image.
public struct RuntimeLayer: Equatable, Sendable {
  /// The number of codes that it takes.
  public let inputs: Int
  /// The number of codes that it hands on.
  public let outputs: Int
  /// The bits of a code that it takes: 8 or 16.
  public let inputBits: Int
  /// The bits of a code that it hands on: 8 or 16.
  public let outputBits: Int
  /// The bits of a weight: 8.
  public let weightBits: Int
  /// What the layer means; what it computes follows from its clamp and table.
  public let activation: Activation.Kind
  /// True when the codes pass a table of 256 entries last.
  public let hasTable: Bool
  /// The multiplications of one inference.
  public let macs: Int
  /// The weights as stored, without padding.
  public let weightBytes: Int
  /// Biases, multipliers, shifts, weights, table and padding.
  public let dataBytes: Int
}
