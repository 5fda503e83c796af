// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQLinalg
import NNQReference

/// What a layer took in and handed on for the rows of a batch.
struct LayerPass {
  /// `[rows][inputs]`, input codes less their zero point.
  let offsets: Block<Float>
  /// `[rows][outputs]`, output codes less their zero point.
  let made: [Float]
  /// `[rows][outputs]`, what the function's derivative is taken from.
  let known: Block<Float>
  /// `[rows][outputs]`, 0 where the sum was clamped, else the real value of an accumulator step.
  let steps: [Float]
}

extension TunedLayer {
  /// Runs the integers: each code is that of the runtime.
  ///
  /// - Shape: `offsets` is `[rows][inputs]`.
  /// - Error: the sums are integers below 2^24 in binary32 or, where they may pass it, below 2^53 in
  ///   binary64, so every order of summation gives them exactly.
  func forward(_ offsets: [Float], rows: Int) -> LayerPass {
    let x = Block<Float>(rows: rows, columns: form.inputs)
    x.values.set(offsets)
    let sums = Self.sums(x, codes, bound: bound(offsets))
    let count = form.outputs
    let layer = form.layer
    let bias = bias
    let (zeroPoint, lowest, highest) = (
      Int64(layer.zeroPoint), Int64(layer.lowest), Int64(layer.highest)
    )
    var made = [Float](repeating: 0, count: rows * count)
    var known = made
    var steps = made
    for output in 0..<count {
      let factor = form.factors[output]
      let step = Float(form.steps[output])
      for place in stride(from: output, to: rows * count, by: count) {
        // The quantizer proves that sums stay within 32 bits; on the way there one may pass them.
        let sum = min(max(Int64(sums[place]) + Int64(bias[output]), -0x7FFF_FFFF), 0x7FFF_FFFF)
        let code = zeroPoint + requantize(sum, factor)
        let clamped = min(max(code, lowest), highest)
        if clamped == code { steps[place] = step }
        let handed =
          layer.table.map {
            Int64($0.code(Int16(clamped), as: layer.outputWidth))
          } ?? clamped
        made[place] = Float(handed - Int64(form.outputZeroPoint))
        known[place] =
          function.needsArgument
          ? Float(clamped - zeroPoint) * Float(form.sumScale)
          : made[place] * Float(form.outputScale)
      }
    }
    let block = Block<Float>(rows: rows, columns: count)
    block.values.set(known)
    return LayerPass(offsets: x, made: made, known: block, steps: steps)
  }

  /// The gradient by the inputs from that by the outputs, which becomes that by the accumulators.
  ///
  /// - Returns: `[rows][inputs]` by real values of inputs that share one scale; nil for the first
  ///   layer, where nobody asks.
  func backward(
    _ slope: Block<Float>, _ pass: LayerPass, isFirst: Bool, by method: ProductMethod
  ) -> Block<Float>? {
    slope.values.multiply(byDerivativeOf: function, from: pass.known.values)
    slope.values.set(zip(slope.values.elements, pass.steps).map { $0 * $1 })
    guard !isFirst else { return nil }
    let before = Block<Float>(rows: slope.rows, columns: form.inputs)
    before.setProduct(slope, codes, by: method)
    before.values.scale(by: 1 / form.inputScales[0])
    return before
  }

  /// What no sum of weights and inputs passes.
  private func bound(_ offsets: [Float]) -> Double {
    let largest = offsets.reduce(Float(0)) { max($0, abs($1)) }
    return Double(largest) * Double(form.largestCode) * Double(form.inputs)
  }

  /// `x * transpose(codes)`, exactly.
  private static func sums(_ x: Block<Float>, _ codes: Block<Float>, bound: Double) -> [Double] {
    guard bound >= 0x1p24 else {
      let sums = Block<Float>(rows: x.rows, columns: codes.rows)
      sums.setProduct(x, codes, transposed: true, by: .blas)
      return sums.values.elements.map(Double.init)
    }
    func wide(_ block: Block<Float>) -> Block<Double> {
      let wide = Block<Double>(rows: block.rows, columns: block.columns)
      wide.values.set(block.values.elements.map(Double.init))
      return wide
    }
    let sums = Block<Double>(rows: x.rows, columns: codes.rows)
    sums.setProduct(wide(x), wide(codes), transposed: true, by: .fixedOrder)
    return sums.values.elements
  }
}
