// SPDX-License-Identifier: Apache-2.0
public import NNQFormat

/// Runs a flat image as plain loops: the definition that every kernel is compared with.
public struct Int8Inference: Sendable {
  public let image: FlatImage

  public init(_ image: FlatImage) { self.image = image }

  /// The output codes for one row of input codes.
  ///
  /// - Shape: `input` is `[inputs]`, the result `[outputs]`.
  public func run(_ input: [Int16]) -> [Int16] {
    image.layers.reduce(input) { codes, layer in layer.run(codes) }
  }

  /// The codes that each layer hands on, for one row of input codes.
  public func layerOutputs(_ input: [Int16]) -> [[Int16]] {
    var codes = input
    return image.layers.map { layer in
      codes = layer.run(codes)
      return codes
    }
  }
}

extension FlatImage.Layer {
  /// `clamp(zeroPoint + requantize(bias + weights * x), lowest, highest)`, then the table.
  ///
  /// - Shape: `x` is `[inputs]`, the result `[outputs]`.
  /// - Range: the accumulator bound, proven when the image was read, keeps every partial sum in 32
  ///   bits.
  public func run(_ x: [Int16]) -> [Int16] {
    precondition(x.count == inputs)
    return (0..<outputs).map { row in
      var accumulator = Int64(bias[row])
      for (weight, code) in zip(weights[row * inputs..<(row + 1) * inputs], x) {
        accumulator += Int64(weight) * Int64(code)
      }
      let code = Int64(zeroPoint) + requantize(accumulator, factors[row])
      let clamped = Int16(min(max(code, Int64(lowest)), Int64(highest)))
      return table.map { Int16($0[Int(clamped) + 128]) } ?? clamped
    }
  }
}
