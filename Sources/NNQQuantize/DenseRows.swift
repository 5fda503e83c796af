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
            for row in 0..<count {
              let one = rows.extracting(row * inputs..<(row + 1) * inputs)
              var sum = bias
              for index in 0..<inputs {
                sum = unsafe sum &+ Int32(one[index]) &* Int32(column[index])
              }
              unsafe codes[row * outputs + output] = finish(sum, factor)
            }
          }
        }
      }
    }
    return Rows(columns: outputs, values: codes)
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
