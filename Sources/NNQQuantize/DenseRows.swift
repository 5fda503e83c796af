// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQReference

extension FlatImage.Layer {
  /// What a dense layer hands on for many rows: the codes of `NNQReference`, in less time.
  ///
  /// - Shape: `rows` is `[rows][inputs]`, the result `[rows][outputs]`.
  /// - Range: sums wrap at 32 bits; the bound that ``FlatImage/validate()`` proves keeps them below.
  func handedOn(_ dense: Dense, _ rows: [[Int16]]) -> [[Int16]] {
    let weights = dense.weights.map { Int16($0) }
    let inputs = inputs
    return rows.map { row in
      var codes = [Int16](repeating: 0, count: outputs)
      unsafe row.withUnsafeBufferPointer { row in
        unsafe weights.withUnsafeBufferPointer { weights in
          for output in 0..<outputs {
            let column = weights.extracting(output * inputs..<(output + 1) * inputs)
            var sum: Int32 = 0
            for index in 0..<inputs {
              sum = unsafe sum &+ Int32(row[index]) &* Int32(column[index])
            }
            codes[output] = finished(
              Int64(dense.bias[output] &+ sum), dense.factors[output])
          }
        }
      }
      return codes
    }
  }

  private func finished(_ accumulator: Int64, _ factor: FixedPointMultiplier) -> Int16 {
    let code = Int64(zeroPoint) + requantize(accumulator, factor)
    let clamped = Int16(min(max(code, Int64(lowest)), Int64(highest)))
    return table?.code(clamped, as: outputWidth) ?? clamped
  }
}
