// SPDX-License-Identifier: Apache-2.0

/// What was proved of an int8 model and the float model that it was made of, for every row of readings
/// inside a box.
///
/// <doc:Format> has the bytes, and says which claims a reader checks.
public struct Certificate: Equatable, Sendable {
  /// A claim about what one layer hands on.
  public struct Layer: Equatable, Sendable {
    /// No accumulator of the layer is larger in size, whatever codes come in; below 2^31.
    public var accumulator: Int64
    /// Every code that the layer hands on lies within.
    public var codes: ClosedRange<Int16>
    /// What a code stands for differs from what the float layer hands on by no more, in the float
    /// network's units.
    public var error: Double
    /// The output with that bound.
    public var loosest: Int

    public init(accumulator: Int64, codes: ClosedRange<Int16>, error: Double, loosest: Int) {
      self.accumulator = accumulator
      self.codes = codes
      self.error = error
      self.loosest = loosest
    }
  }

  /// A claim about one output of the network.
  public struct Output: Equatable, Sendable {
    /// Every code of the output lies within.
    public var codes: ClosedRange<Int16>
    /// The answer differs from the float model's by no more: for regression in the target's unit,
    /// else in the units of the float network's output.
    public var error: Double

    public init(codes: ClosedRange<Int16>, error: Double) {
      self.codes = codes
      self.error = error
    }
  }

  /// The SHA-256 of the float model, as `identity()` has it: 32 bytes.
  public var floatIdentity: [UInt8]
  /// The SHA-256 of the flat image: 32 bytes.
  public var imageIdentity: [UInt8]
  /// One a feature: the readings that the claims hold for, in the feature's unit.
  public var box: [ClosedRange<Float>]
  public var layers: [Layer]
  public var outputs: [Output]

  public init(
    floatIdentity: [UInt8], imageIdentity: [UInt8], box: [ClosedRange<Float>], layers: [Layer],
    outputs: [Output]
  ) {
    self.floatIdentity = floatIdentity
    self.imageIdentity = imageIdentity
    self.box = box
    self.layers = layers
    self.outputs = outputs
  }
}
