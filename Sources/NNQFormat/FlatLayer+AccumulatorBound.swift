// SPDX-License-Identifier: Apache-2.0

extension FlatImage.Layer {
  /// What no accumulator of the layer passes in size, whatever codes come in.
  ///
  /// - Parameter inputWidth: of the codes that the layer takes.
  /// - Range: below 2^31 for a layer that was validated.
  public func accumulatorBound(inputWidth: CodeWidth) -> Int64 {
    let largest = Int64(inputWidth.largestMagnitude)
    switch operation {
    case .dense(let dense):
      return (0..<outputs).map { row in
        let sum = dense.weights[row * inputs..<(row + 1) * inputs].reduce(Int64(0)) {
          $0 + Int64($1.magnitude)
        }
        return Int64(dense.bias[row].magnitude) + sum * largest
      }.max() ?? 0
    case .layerNorm(let norm):
      return zip(norm.gain, norm.bias).map { gain, bias in
        Int64(gain.magnitude) * Self.largestNormalized + Int64(bias.magnitude)
      }.max() ?? 0
    case .add(let add):
      // The source's codes may have other bits; 16 covers both.
      let gains = Int64(add.gain.magnitude) * largest
      let source = Int64(add.sourceGain.magnitude) * Int64(CodeWidth.sixteen.largestMagnitude)
      return Int64(add.bias.magnitude) + gains + source
    case .gate(let gate):
      return (largest + Int64(gate.firstZeroPoint.magnitude))
        * (largest + Int64(gate.secondZeroPoint.magnitude))
    }
  }

  /// What the distance from the mean over the root of the variance stays below, in units of 2^-15.
  package static var largestNormalized: Int64 { 1 << 23 }
}
