// SPDX-License-Identifier: Apache-2.0

/// The integers that a device holds: an int8 network, its decision and its self-test.
///
/// The fields are those of <doc:Format>; ``validate()`` holds the rules that make every accepted
/// image run.
public struct FlatImage: Equatable, Sendable {
  /// How the codes of one output stand for a value and a decision.
  public struct Output: Equatable, Sendable {
    /// The code of real 0; it may lie outside the code's range for regression.
    public var origin: Int32
    /// `real = multiplier * 2^exponent * (code - origin)`, exactly; 2^30 ... 2^31 - 1.
    public var multiplier: Int32
    /// -1,000 ... 1,000
    public var exponent: Int
    /// Binary and multilabel: true from this code on; else 0.
    public var threshold: Int32

    public init(origin: Int32, multiplier: Int32, exponent: Int, threshold: Int32 = 0) {
      self.origin = origin
      self.multiplier = multiplier
      self.exponent = exponent
      self.threshold = threshold
    }

    /// The exact value of a code.
    public func real(_ code: Int16) -> Double {
      Double(Int64(multiplier)) * Double(sign: .plus, exponent: exponent, significand: 1)
        * Double(Int64(code) - Int64(origin))
    }
  }

  /// How an integer sensor count becomes an input code.
  public struct Count: Equatable, Sendable {
    public var range: ClosedRange<Int32>
    public var offset: Int32
    public var factor: FixedPointMultiplier
    public var zeroPoint: Int16

    public init(
      range: ClosedRange<Int32>, offset: Int32, factor: FixedPointMultiplier, zeroPoint: Int16
    ) {
      self.range = range
      self.offset = offset
      self.factor = factor
      self.zeroPoint = zeroPoint
    }
  }

  /// How an input code becomes the code that an autoencoder's output is compared with.
  public struct Score: Equatable, Sendable {
    /// Within ±2^30.
    public var origin: Int32
    public var factor: FixedPointMultiplier

    public init(origin: Int32, factor: FixedPointMultiplier) {
      self.origin = origin
      self.factor = factor
    }
  }

  /// Codes in, codes out, and the CRC-32C of what each layer hands on.
  public struct SelfTest: Equatable, Sendable {
    public var input: [Int16]
    public var output: [Int16]
    public var digests: [UInt32]

    public init(input: [Int16], output: [Int16], digests: [UInt32]) {
      self.input = input
      self.output = output
      self.digests = digests
    }
  }

  public var inputs: Int
  public var inputWidth: CodeWidth
  public var layers: [Layer]
  public var task: ModelTask.Kind
  /// For `distance in codes * scale * log2(e) * 4096`; nil for regression and anomaly.
  public var probability: FixedPointMultiplier?
  /// Anomaly: a score above it is an anomaly; else 0.
  public var scoreThreshold: Int64
  /// One an output of the last layer.
  public var outputs: [Output]
  /// One an input, when all features are sensor counts.
  public var counts: [Count]?
  /// One an input for an anomaly model, else nil.
  public var score: [Score]?
  public var selfTests: [SelfTest]
  /// Ignorable sections that this version does not know, kept so that writing gives the same bytes.
  package var unknownSections: [Section] = []

  public init(
    inputs: Int, inputWidth: CodeWidth, layers: [Layer], task: ModelTask.Kind,
    probability: FixedPointMultiplier?, scoreThreshold: Int64 = 0, outputs: [Output],
    counts: [Count]? = nil, score: [Score]? = nil, selfTests: [SelfTest] = []
  ) {
    self.inputs = inputs
    self.inputWidth = inputWidth
    self.layers = layers
    self.task = task
    self.probability = probability
    self.scoreThreshold = scoreThreshold
    self.outputs = outputs
    self.counts = counts
    self.score = score
    self.selfTests = selfTests
  }

  public var outputWidth: CodeWidth { layers.last?.outputWidth ?? .eight }

  /// The bits of the codes that layer `index` takes in.
  public func inputWidth(ofLayer index: Int) -> CodeWidth { width(ofTensor: index) }

  /// The bits of a tensor's codes: tensor 0 is the input, tensor k what layer k - 1 hands on.
  public func width(ofTensor index: Int) -> CodeWidth {
    index == 0 ? inputWidth : layers[index - 1].outputWidth
  }

  /// The number of a tensor's codes: tensor 0 is the input, tensor k what layer k - 1 hands on.
  public func count(ofTensor index: Int) -> Int {
    index == 0 ? inputs : layers[index - 1].outputs
  }
}
