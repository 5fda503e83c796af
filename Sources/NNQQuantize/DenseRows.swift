// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQReference

extension FlatImage.Layer {
  /// What a dense layer hands on for many rows: the codes of `NNQReference`, in less time.
  ///
  /// - Shape: `rows` is `[rows][inputs]`, the result `[rows][outputs]`.
  /// - Range: sums wrap at 32 bits; the bound that ``FlatImage/validate()`` proves keeps them below.
  func handedOn(_ dense: Dense, _ rows: Rows<Int16>) -> Rows<Int16> {
    let weights = dense.weights.map { Int16($0) }
    let (inputs, outputs) = (inputs, outputs)
    let count = rows.count
    var codes = [Int16](repeating: 0, count: count * outputs)
    let finish = Finish(self)
    unsafe codes.withUnsafeMutableBufferPointer { codes in
      unsafe rows.values.withUnsafeBufferPointer { rows in
        unsafe weights.withUnsafeBufferPointer { weights in
          for output in 0..<outputs {
            let column = weights.extracting(output * inputs..<(output + 1) * inputs)
            let (bias, factor) = (dense.bias[output], dense.factors[output])
            var row = 0
            // Four rows share each load of a weight.
            while row + 4 <= count {
              let sums = unsafe Self.products(
                column, rows.extracting(row * inputs..<(row + 4) * inputs))
              for offset in 0..<4 {
                unsafe codes[(row + offset) * outputs + output] = finish(
                  bias &+ sums[offset], factor)
              }
              row += 4
            }
            while row < count {
              let one = rows.extracting(row * inputs..<(row + 1) * inputs)
              var sum = bias
              for index in 0..<inputs {
                sum = unsafe sum &+ Int32(one[index]) &* Int32(column[index])
              }
              unsafe codes[row * outputs + output] = finish(sum, factor)
              row += 1
            }
          }
        }
      }
    }
    return Rows(columns: outputs, values: codes)
  }

  /// The products of a weight row by four rows of codes.
  private static func products(
    _ weights: UnsafeBufferPointer<Int16>, _ rows: UnsafeBufferPointer<Int16>
  ) -> SIMD4<Int32> {
    let inputs = weights.count
    let first = rows.extracting(0..<inputs)
    let second = rows.extracting(inputs..<2 * inputs)
    let third = rows.extracting(2 * inputs..<3 * inputs)
    let fourth = rows.extracting(3 * inputs..<4 * inputs)
    var (a, b, c, d): (Int32, Int32, Int32, Int32) = (0, 0, 0, 0)
    for index in 0..<inputs {
      let weight = unsafe Int32(weights[index])
      a = unsafe a &+ Int32(first[index]) &* weight
      b = unsafe b &+ Int32(second[index]) &* weight
      c = unsafe c &+ Int32(third[index]) &* weight
      d = unsafe d &+ Int32(fourth[index]) &* weight
    }
    return SIMD4(a, b, c, d)
  }

  /// What follows the sum of a dense layer.
  private struct Finish {
    let zeroPoint: Int64
    let lowest: Int64
    let highest: Int64
    let table: Table?
    let width: CodeWidth

    init(_ layer: FlatImage.Layer) {
      zeroPoint = Int64(layer.zeroPoint)
      lowest = Int64(layer.lowest)
      highest = Int64(layer.highest)
      table = layer.table
      width = layer.outputWidth
    }

    func callAsFunction(_ accumulator: Int32, _ factor: FixedPointMultiplier) -> Int16 {
      let code = zeroPoint + requantize(Int64(accumulator), factor)
      let clamped = Int16(min(max(code, lowest), highest))
      return table?.code(clamped, as: width) ?? clamped
    }
  }
}
