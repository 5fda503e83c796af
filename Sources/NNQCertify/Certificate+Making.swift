// SPDX-License-Identifier: Apache-2.0
import NNQFiles
import NNQFormat

extension Certificate {
  /// - Parameters:
  ///   - errors: `[layers][outputs]`
  ///   - magnitudes: what the float network's outputs do not pass in size.
  init(
    _ model: Int8Model, of float: FloatModel, box: [ClosedRange<Float>], ranges: CodeRanges,
    errors: [[Double]], magnitudes: [Double]
  ) throws(CertificationError) {
    let image = model.image
    let floatIdentity: [UInt8]
    let imageIdentity: [UInt8]
    do {
      floatIdentity = bytes(hexadecimal: try Model.float(float).identity())
      imageIdentity = bytes(hexadecimal: SHA256.hex(try image.serialized()))
    } catch {
      throw .notItsFloatModel
    }
    let layers = image.layers.indices.map { index in
      let own = errors[index]
      let loosest = own.indices.max { own[$0] < own[$1] } ?? 0
      return Layer(
        accumulator: image.layers[index].accumulatorBound(
          inputWidth: image.inputWidth(ofLayer: index)),
        codes: ranges.handedOn(byLayer: index), error: own[loosest], loosest: loosest)
    }
    let outputs = ranges.outputs.enumerated().map { index, codes in
      Output(
        codes: codes,
        error: model.answerError(
          index, errors[image.layers.count - 1][index], magnitudes[index], codes))
    }
    self.init(
      floatIdentity: floatIdentity, imageIdentity: imageIdentity, box: box, layers: layers,
      outputs: outputs)
  }
}

extension Int8Model {
  /// A bound on how far the answer of an output is from the float model's, from that of its code.
  fileprivate func answerError(
    _ index: Int, _ error: Double, _ magnitude: Double, _ codes: ClosedRange<Int16>
  ) -> Double {
    guard task.kind == .regression else { return error }
    let scaling = task.targetScaling[index]
    let tensor = tensors[tensors.count - 1]
    // Both answers are linear in the code; they differ most at an end of the range.
    let off =
      [codes.lowerBound, codes.upperBound].map { code in
        let answer = image.outputs[index].real(code)
        let meant =
          tensor.scale * Double(Int(code) - Int(tensor.zeroPoint)) * scaling.scale + scaling.offset
        return abs(answer - meant) + 0x1p-48 * (abs(answer) + abs(meant) + abs(scaling.offset))
      }.max() ?? 0
    let values = magnitude * scaling.scale + abs(scaling.offset)
    return ((error * scaling.scale).nextUp + off + 0x1p-48 * values).nextUp
  }
}

private func bytes(hexadecimal text: String) -> [UInt8] {
  let digits = text.utf8.map { UInt8($0 <= 57 ? $0 - 48 : $0 - 87) }
  return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}
