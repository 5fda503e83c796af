// SPDX-License-Identifier: Apache-2.0
import CNNQVector
import NNQFormat
import NNQReference

extension FlatImage.Layer {
  /// What a dense layer hands on for many rows: the codes of `NNQReference`, in less time.
  ///
  /// - Shape: `rows` is `[rows][inputs]`, the result `[rows][outputs]`.
  /// - Range: sums wrap at 32 bits; the bound that ``FlatImage/validate()`` proves keeps them below.
  func handedOn(_ dense: Dense, _ rows: Rows<Int16>) -> Rows<Int16> {
    let count = rows.count
    let sums = Self.products(rows, dense.weights, outputs)
    var codes = [Int16](repeating: 0, count: count * outputs)
    let finish = Finish(self)
    unsafe codes.withUnsafeMutableBufferPointer { codes in
      unsafe sums.withUnsafeBufferPointer { sums in
        unsafe dense.bias.withUnsafeBufferPointer { bias in
          unsafe dense.factors.withUnsafeBufferPointer { factors in
            for start in stride(from: 0, to: count * outputs, by: outputs) {
              for output in 0..<outputs {
                unsafe codes[start + output] = finish(
                  bias[output] &+ sums[start + output], factors[output])
              }
            }
          }
        }
      }
    }
    return Rows(columns: outputs, values: codes)
  }

  /// `[rows][outputs]`, the products of rows of codes by rows of weights.
  private static func products(
    _ rows: Rows<Int16>, _ weights: [Int8], _ outputs: Int
  ) -> [Int32] {
    let inputs = rows.columns
    let sums = rows.count * outputs
    return unsafe withUnsafeTemporaryAllocation(
      of: Int16.self, capacity: nnq_code_products_room(outputs, inputs)
    ) { room in
      unsafe [Int32](unsafeUninitializedCapacity: sums) { made, count in
        unsafe rows.values.withUnsafeBufferPointer { codes in
          unsafe weights.withUnsafeBufferPointer { weights in
            if let codes = codes.baseAddress, let weights = weights.baseAddress,
              let room = room.baseAddress, let made = made.baseAddress
            {
              unsafe nnq_code_products(codes, rows.count, weights, outputs, inputs, room, made)
              count = sums
            }
          }
        }
      }
    }
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
