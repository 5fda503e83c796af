// SPDX-License-Identifier: Apache-2.0

extension FlatImage {
  /// A layer: what its operation computes, requantized and clamped, then the table where there is one.
  ///
  /// <doc:Numerics> has the formula of each operation.
  public struct Layer: Equatable, Sendable {
    public var inputs: Int
    public var outputs: Int
    /// What the layer means; what it computes follows from the clamp and the table.
    public var activation: Activation.Kind
    public var outputWidth: CodeWidth
    /// Of the requantized code, as are ``lowest`` and ``highest``.
    public var zeroPoint: Int16
    public var lowest: Int16
    public var highest: Int16
    public var operation: Operation
    /// What the clamped codes pass last; for a gate, what the first half of its input passes first.
    public var table: Table?

    public init(
      inputs: Int, outputs: Int, activation: Activation.Kind, outputWidth: CodeWidth,
      zeroPoint: Int16, lowest: Int16, highest: Int16, operation: Operation, table: Table? = nil
    ) {
      self.inputs = inputs
      self.outputs = outputs
      self.activation = activation
      self.outputWidth = outputWidth
      self.zeroPoint = zeroPoint
      self.lowest = lowest
      self.highest = highest
      self.operation = operation
      self.table = table
    }

    /// A dense layer with 8-bit weights and, if any, a table of 256 codes.
    public init(
      inputs: Int, outputs: Int, activation: Activation.Kind, outputWidth: CodeWidth,
      zeroPoint: Int16, lowest: Int16, highest: Int16, bias: [Int32],
      factors: [FixedPointMultiplier], weights: [Int8], table: [Int8]? = nil
    ) {
      self.init(
        inputs: inputs, outputs: outputs, activation: activation, outputWidth: outputWidth,
        zeroPoint: zeroPoint, lowest: lowest, highest: highest,
        operation: .dense(Dense(bias: bias, factors: factors, weights: weights)),
        table: table.map { .eight($0) })
    }

    /// The parts of a dense layer, nil for another operation; nil cannot be set.
    public var dense: Dense? {
      get {
        if case .dense(let dense) = operation { dense } else { nil }
      }
      set {
        if let newValue { operation = .dense(newValue) }
      }
    }

    /// The bits of the code that is requantized and clamped.
    public var requantizedWidth: CodeWidth {
      if operation.kind == .gate { return outputWidth }
      return switch table {
      case nil: outputWidth
      case .eight: .eight
      case .sixteen: .sixteen
      }
    }
  }
}

extension FlatImage.Layer {
  /// What a layer computes before it is clamped.
  public enum Operation: Equatable, Sendable {
    case dense(Dense)
    case layerNorm(LayerNorm)
    case add(Add)
    case gate(Gate)

    public var kind: OperationKind {
      switch self {
      case .dense: .dense
      case .layerNorm: .layerNorm
      case .add: .add
      case .gate: .gate
      }
    }
  }

  /// `zeroPoint + requantize(bias + weights * x)`
  public struct Dense: Equatable, Sendable {
    /// `[outputs]`, within ±2^30.
    public var bias: [Int32]
    /// `[outputs]`
    public var factors: [FixedPointMultiplier]
    /// `[outputs][inputs]`, row by row, each within the range of ``weightWidth``.
    public var weights: [Int8]
    public var weightWidth: WeightWidth

    public init(
      bias: [Int32], factors: [FixedPointMultiplier], weights: [Int8],
      weightWidth: WeightWidth = .eight
    ) {
      self.bias = bias
      self.factors = factors
      self.weights = weights
      self.weightWidth = weightWidth
    }
  }

  /// `zeroPoint + requantize(gain * z + bias)`, where z is the distance of a code from the mean of all
  /// over the root of variance and ``epsilon``, in units of 2^-15.
  public struct LayerNorm: Equatable, Sendable {
    /// `[outputs]`, within ±2^30.
    public var bias: [Int32]
    /// `[outputs]`
    public var factors: [FixedPointMultiplier]
    /// `[outputs]`, -127 ... 127.
    public var gain: [Int8]
    /// What is added to the variance, in `inputs^2` squares of an input step; 1 ... 2^62 - 1.
    public var epsilon: UInt64

    public init(
      bias: [Int32], factors: [FixedPointMultiplier], gain: [Int8], epsilon: UInt64
    ) {
      self.bias = bias
      self.factors = factors
      self.gain = gain
      self.epsilon = epsilon
    }
  }

  /// `zeroPoint + requantize(gain * x + sourceGain * source + bias)`
  public struct Add: Equatable, Sendable {
    /// The tensor that is added: 0 the network's input, k what layer k - 1 hands on.
    public var source: Int
    /// Below 2^30 in size.
    public var bias: Int32
    public var factor: FixedPointMultiplier
    /// Within ±16,384.
    public var gain: Int16
    /// Within ±16,384.
    public var sourceGain: Int16

    /// The largest size of a gain.
    public static let largestGain = 16_384

    public init(
      source: Int, bias: Int32, factor: FixedPointMultiplier, gain: Int16, sourceGain: Int16
    ) {
      self.source = source
      self.bias = bias
      self.factor = factor
      self.gain = gain
      self.sourceGain = sourceGain
    }
  }

  /// `zeroPoint + requantize((table(first) - firstZeroPoint) * (second - secondZeroPoint))`
  public struct Gate: Equatable, Sendable {
    public var factor: FixedPointMultiplier
    /// Of the first half, after the table where there is one.
    public var firstZeroPoint: Int16
    /// Of the second half, which has the codes of the input.
    public var secondZeroPoint: Int16

    public init(factor: FixedPointMultiplier, firstZeroPoint: Int16, secondZeroPoint: Int16) {
      self.factor = factor
      self.firstZeroPoint = firstZeroPoint
      self.secondZeroPoint = secondZeroPoint
    }
  }

  /// A function of codes.
  public enum Table: Equatable, Sendable {
    /// The code for each of -128 ... 127.
    case eight([Int8])
    /// 513 values at -32,768, -32,640 ... 32,768, between which the others are interpolated.
    case sixteen([Int16])

    /// The bits of the codes that it takes.
    public var width: CodeWidth {
      switch self {
      case .eight: .eight
      case .sixteen: .sixteen
      }
    }

    /// How an image names the kind of a layer's table: 0 for none.
    static func code(_ table: Table?) -> UInt8 {
      switch table {
      case nil: 0
      case .eight: 1
      case .sixteen: 2
      }
    }

    static let eightCount = 256
    static let sixteenCount = 513
  }
}
