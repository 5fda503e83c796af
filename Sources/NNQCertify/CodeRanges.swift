// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQReference

/// The codes that each tensor of an image can hold, in integer interval arithmetic: exact sums over
/// intervals of codes.
struct CodeRanges: Equatable, Sendable {
  /// `[layers + 1][units]`; tensor 0 is the input.
  private(set) var tensors: [[ClosedRange<Int>]]
  /// `[layers][outputs]`, the requantized codes before they are clamped and looked up.
  private(set) var requantized: [[ClosedRange<Int>]] = []

  /// - Parameter input: the input codes of each feature.
  init(_ image: FlatImage, input: [ClosedRange<Int>]) {
    tensors = [input]
    for layer in image.layers {
      let codes = layer.requantizedRanges(tensors[tensors.count - 1], tensors)
      requantized.append(codes)
      tensors.append(codes.map(layer.handedOn))
    }
  }

  /// All codes that a layer hands on.
  func handedOn(byLayer index: Int) -> ClosedRange<Int16> {
    let codes = tensors[index + 1]
    let (lowest, highest) = (codes.map(\.lowerBound).min(), codes.map(\.upperBound).max())
    return Int16(lowest ?? 0)...Int16(highest ?? 0)
  }

  /// The codes of each of the network's outputs.
  var outputs: [ClosedRange<Int16>] {
    (tensors.last ?? []).map { Int16($0.lowerBound)...Int16($0.upperBound) }
  }
}

extension FlatImage.Layer {
  /// The codes of each output before they are clamped.
  fileprivate func requantizedRanges(
    _ input: [ClosedRange<Int>], _ tensors: [[ClosedRange<Int>]]
  ) -> [ClosedRange<Int>] {
    switch operation {
    case .dense(let dense):
      return (0..<outputs).map { row in
        var (least, most) = (Int(dense.bias[row]), Int(dense.bias[row]))
        for (weight, codes) in zip(dense.weights[row * inputs..<(row + 1) * inputs], input) {
          let weight = Int(weight)
          least += weight * (weight < 0 ? codes.upperBound : codes.lowerBound)
          most += weight * (weight < 0 ? codes.lowerBound : codes.upperBound)
        }
        return code(least, dense.factors[row])...code(most, dense.factors[row])
      }
    case .layerNorm(let norm):
      // z is at most sqrt(n - 1) deviations, in units of 2^-15, and half a unit by rounding; one more
      // for the root's.
      let reach = Int((Double(inputs - 1).squareRoot() * 0x1p15).rounded(.up)) + 2
      return (0..<outputs).map { row in
        let size = Int(norm.gain[row].magnitude) * reach
        let bias = Int(norm.bias[row])
        return code(bias - size, norm.factors[row])...code(bias + size, norm.factors[row])
      }
    case .add(let add):
      return zip(input, tensors[add.source]).map { codes, source in
        let sum = scaled(codes, Int(add.gain))
        let other = scaled(source, Int(add.sourceGain))
        let bias = Int(add.bias)
        return code(
          sum.lowerBound + other.lowerBound + bias, add.factor)...code(
            sum.upperBound + other.upperBound + bias, add.factor)
      }
    case .gate(let gate):
      return (0..<outputs).map { unit in
        let first = table.map { $0.range(input[unit], as: $0.width) } ?? input[unit]
        let second = input[outputs + unit]
        let ends = [first.lowerBound, first.upperBound].flatMap { a in
          [second.lowerBound, second.upperBound].map { b in
            (a - Int(gate.firstZeroPoint)) * (b - Int(gate.secondZeroPoint))
          }
        }
        return code(ends.min() ?? 0, gate.factor)...code(ends.max() ?? 0, gate.factor)
      }
    }
  }

  private func code(_ accumulator: Int, _ factor: FixedPointMultiplier) -> Int {
    Int(zeroPoint) + Int(requantize(Int64(accumulator), factor))
  }

  private func scaled(_ codes: ClosedRange<Int>, _ gain: Int) -> ClosedRange<Int> {
    gain < 0
      ? gain * codes.upperBound...gain * codes.lowerBound
      : gain * codes.lowerBound...gain * codes.upperBound
  }

  /// The codes after the clamp and the table.
  fileprivate func handedOn(_ codes: ClosedRange<Int>) -> ClosedRange<Int> {
    let clamped =
      min(
        max(codes.lowerBound, Int(lowest)), Int(highest))...min(
        max(codes.upperBound, Int(lowest)), Int(highest))
    guard let table, operation.kind != .gate else { return clamped }
    return table.range(clamped, as: outputWidth)
  }
}

extension FlatImage.Layer.Table {
  /// The lowest and the highest of the table's codes for a range of codes.
  ///
  /// Between two entries a table of 16-bit codes rises or falls all the way, so that ends and entries
  /// are enough.
  func range(_ codes: ClosedRange<Int>, as width: CodeWidth) -> ClosedRange<Int> {
    var places = [codes.lowerBound, codes.upperBound]
    switch self {
    case .eight: places += Array(codes)
    case .sixteen:
      let first = (codes.lowerBound + 32_768 + 127) >> 7
      let last = (codes.upperBound + 32_768) >> 7
      if first <= last { places += (first...last).map { $0 << 7 - 32_768 } }
    }
    let found = places.map { Int(code(Int16($0), as: width)) }
    return (found.min() ?? 0)...(found.max() ?? 0)
  }
}
