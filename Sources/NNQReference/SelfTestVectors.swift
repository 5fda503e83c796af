// SPDX-License-Identifier: Apache-2.0
public import NNQFormat

extension FlatImage {
  /// Self-test vectors of the image: the answers to given input codes and to codes at both ends,
  /// which drive every clamp.
  ///
  /// - Shape: each of `inputs` is `[inputs]` codes within the input's width.
  public func selfTests(_ inputs: [[Int16]]) -> [SelfTest] {
    let inference = Int8Inference(self)
    let ends = inputWidth.range
    let alternating = (0..<self.inputs).map {
      Int16($0.isMultiple(of: 2) ? ends.lowerBound : ends.upperBound)
    }
    return (inputs + [alternating, alternating.map { -1 - $0 }]).map { input in
      let codes = inference.layerOutputs(input)
      let digests = zip(layers, codes).map { crc32c($0.outputWidth.bytes(of: $1)) }
      return SelfTest(input: input, output: codes.last ?? [], digests: digests)
    }
  }
}
