// SPDX-License-Identifier: Apache-2.0
import CNNQVector
import NNQFormat
import NNQReference

extension FlatImage.Layer {
  /// What a dense layer hands on for many rows: the codes of `NNQReference`, in less time.
  ///
  /// - Shape: `rows` is `[rows][inputs]`, the result `[rows][outputs]`.
  /// - Range: sums wrap at 32 bits; the bound that ``FlatImage/validate()`` proves keeps them below.
  func handedOn(_ dense: Dense, _ rows: Rows<Int16>, threads: Int = 1) -> Rows<Int16> {
    let outputs = outputs
    let multipliers = dense.factors.map(\.multiplier)
    let shifts = dense.factors.map { Int64($0.shift) }
    let layer = self
    let codes = rowsInParts(
      rows.count, columns: outputs, products: rows.count * dense.weights.count, threads: threads
    ) { range in
      let sums = Self.products(rows, range, dense.weights, outputs)
      var codes = unsafe [Int16](unsafeUninitializedCapacity: sums.count) { codes, count in
        unsafe sums.withUnsafeBufferPointer { sums in
          unsafe dense.bias.withUnsafeBufferPointer { bias in
            unsafe multipliers.withUnsafeBufferPointer { multipliers in
              unsafe shifts.withUnsafeBufferPointer { shifts in
                if let sums = sums.baseAddress, let bias = bias.baseAddress,
                  let multipliers = multipliers.baseAddress, let shifts = shifts.baseAddress,
                  let codes = codes.baseAddress
                {
                  unsafe nnq_requantize(
                    sums, range.count, outputs, bias, multipliers, shifts,
                    Int64(layer.zeroPoint), Int64(layer.lowest), Int64(layer.highest), codes)
                }
              }
            }
          }
        }
        count = sums.count
      }
      if let table = layer.table {
        for index in codes.indices {
          codes[index] = table.code(codes[index], as: layer.outputWidth)
        }
      }
      return codes
    }
    return Rows(columns: outputs, values: codes)
  }

  /// `[range][outputs]`, the products of rows of codes by rows of weights.
  private static func products(
    _ rows: Rows<Int16>, _ range: Range<Int>, _ weights: [Int8], _ outputs: Int
  ) -> [Int32] {
    let inputs = rows.columns
    let sums = range.count * outputs
    return unsafe withUnsafeTemporaryAllocation(
      of: Int16.self, capacity: nnq_code_products_room(outputs, inputs)
    ) { room in
      unsafe [Int32](unsafeUninitializedCapacity: sums) { made, count in
        unsafe rows.values.withUnsafeBufferPointer { codes in
          unsafe weights.withUnsafeBufferPointer { weights in
            if let codes = codes.baseAddress, let weights = weights.baseAddress,
              let room = room.baseAddress, let made = made.baseAddress
            {
              unsafe nnq_code_products(
                codes + range.lowerBound * inputs, range.count, weights, outputs, inputs, room,
                made)
              count = sums
            }
          }
        }
      }
    }
  }
}

/// `[rows][columns]` in one array, made in parts of rows that threads do where the work is worth it.
///
/// - Parameter products: the multiplications of all rows.
func rowsInParts<Value: Sendable>(
  _ rows: Int, columns: Int, products: Int, threads: Int,
  _ part: @escaping @Sendable (Range<Int>) -> [Value]
) -> [Value] {
  // A thread costs as much as some 100,000 products.
  let parts = max(min(threads, products / 2_000_000, rows), 1)
  guard parts > 1 else { return part(0..<rows) }
  let made = concurrentMap(parts, threads: parts) {
    part($0 * rows / parts..<($0 + 1) * rows / parts)
  }
  var values: [Value] = []
  values.reserveCapacity(rows * columns)
  for part in made { values += part }
  return values
}
