// SPDX-License-Identifier: Apache-2.0

/// A quantized model as people store it: the flat image and what a host needs around it.
public struct Int8Model: Equatable, Sendable {
  /// How a reading becomes an input code on a host:
  /// `floor((reading - offset) * inverseScale + 0.5) + zeroPoint`, clamped.
  public struct Input: Equatable, Sendable {
    public var offset: Double
    /// Finite and above 0.
    public var inverseScale: Double
    public var zeroPoint: Int32

    public init(offset: Double, inverseScale: Double, zeroPoint: Int32) {
      self.offset = offset
      self.inverseScale = inverseScale
      self.zeroPoint = zeroPoint
    }

    /// The input code of a reading.
    ///
    /// - Range: any finite reading; the result is clamped to the codes of `width`.
    /// - Rounding: to nearest in binary64, half up, without fused multiply-add.
    public func code(_ reading: Float, _ width: CodeWidth) -> Int16 {
      let scaled = ((Double(reading) - offset) * inverseScale + 0.5).rounded(.down)
      let code = scaled + Double(zeroPoint)
      let range = width.range
      return Int16(min(max(code, Double(range.lowerBound)), Double(range.upperBound)))
    }
  }

  /// The scale and zero point of the codes that a layer hands on.
  public struct Tensor: Equatable, Sendable {
    public var scale: Double
    public var zeroPoint: Int32

    public init(scale: Double, zeroPoint: Int32) {
      self.scale = scale
      self.zeroPoint = zeroPoint
    }
  }

  public var image: FlatImage
  public var features: [Feature]
  public var task: ModelTask
  /// One a feature.
  public var input: [Input]
  /// One a layer.
  public var tensors: [Tensor]
  public var statistics: FeatureStatistics?
  public var provenance: Provenance
  /// What was proved of the model; it holds for this image alone, so whoever changes the image drops it.
  public var certificate: Certificate?
  /// Ignorable sections that this version does not know, kept so that writing gives the same bytes.
  package var unknownSections: [Section] = []

  public init(
    image: FlatImage, features: [Feature], task: ModelTask, input: [Input], tensors: [Tensor],
    statistics: FeatureStatistics? = nil, provenance: Provenance = Provenance()
  ) {
    self.image = image
    self.features = features
    self.task = task
    self.input = input
    self.tensors = tensors
    self.statistics = statistics
    self.provenance = provenance
  }

  /// The input codes of one row of readings, missing ones already replaced.
  ///
  /// - Shape: `readings` is `[features]`.
  public func codes(_ readings: ArraySlice<Float>) -> [Int16] {
    zip(readings, input).map { $1.code($0, image.inputWidth) }
  }
}
