// SPDX-License-Identifier: Apache-2.0
public import NNQFormat

/// Runs a flat image as plain loops: the definition that every kernel is compared with.
public struct Int8Inference: Sendable {
  public let image: FlatImage

  public init(_ image: FlatImage) { self.image = image }

  /// The output codes for one row of input codes.
  ///
  /// - Shape: `input` is `[inputs]`, the result `[outputs]`.
  public func run(_ input: [Int16]) -> [Int16] { layerOutputs(input).last ?? input }

  /// The codes that each layer hands on, for one row of input codes.
  public func layerOutputs(_ input: [Int16]) -> [[Int16]] {
    var tensors = [input]
    for (index, layer) in image.layers.enumerated() {
      tensors.append(layer.run(tensors[index], tensors: tensors))
    }
    return Array(tensors.dropFirst())
  }
}

extension FlatImage.Layer {
  /// What the layer hands on.
  ///
  /// - Shape: `x` is `[inputs]`, the result `[outputs]`.
  /// - Parameter tensors: the input of the network and what each layer so far handed on; an add
  ///   takes its source from them.
  /// - Range: the bounds that were proven when the image was read keep every sum in 32 bits, and
  ///   those of a layer norm in 64.
  public func run(_ x: [Int16], tensors: [[Int16]]) -> [Int16] {
    precondition(x.count == inputs)
    return switch operation {
    case .dense(let dense): run(dense, x).map(looked)
    case .layerNorm(let norm): run(norm, x).map(looked)
    case .add(let add): run(add, x, tensors[add.source]).map(looked)
    case .gate(let gate): run(gate, x)
    }
  }

  /// `clamp(zeroPoint + requantize(accumulator, factor), lowest, highest)`
  func clamped(_ accumulator: Int64, _ factor: FixedPointMultiplier) -> Int16 {
    let code = Int64(zeroPoint) + requantize(accumulator, factor)
    return Int16(min(max(code, Int64(lowest)), Int64(highest)))
  }

  /// The code that is handed on for a requantized one.
  func looked(_ code: Int16) -> Int16 { table?.code(code, as: outputWidth) ?? code }
}

extension FlatImage.Layer.Table {
  /// The function's value for a code within ``width``.
  ///
  /// - Rounding: of a table of 16-bit codes, linear between two entries, half up; then, where 8 bits
  ///   are handed on, to a whole code, half up again.
  public func code(_ code: Int16, as width: CodeWidth) -> Int16 {
    switch self {
    case .eight(let codes): return Int16(codes[Int(code) + 128])
    case .sixteen(let entries):
      let place = Int(code) + 32_768
      let low = Int(entries[place >> 7])
      let value = low + ((Int(entries[place >> 7 + 1]) - low) * (place & 127) + 64) >> 7
      switch width {
      case .sixteen: return Int16(value)
      case .eight: return Int16(min(max((value + 128) >> 8, -128), 127))
      }
    }
  }
}
