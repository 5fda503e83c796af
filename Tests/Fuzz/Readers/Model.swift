// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQReference

/// What is read is written again as the same sections; a float network, an int8 model and an image run
/// on zeros. Length and checksum are made right; what is no image is also taken as the sections of a
/// packed model, which lie in a frame that nothing was compressed in.
func fuzzModel(_ bytes: [UInt8]) {
  use(bytes)
  guard bytes.count > Envelope.byteCount else { return }
  var repaired = bytes
  put(UInt32(bytes.count), at: 8, &repaired)
  var crc = CRC32C()
  crc.update(repaired[..<12])
  crc.update(repaired[16...])
  put(crc.value, at: 12, &repaired)
  if repaired != bytes { use(repaired) }
  guard bytes[4] != Envelope.flat.rawValue else { return }
  if let packed = packed(bytes.dropFirst(Envelope.byteCount)) { use(packed) }
}

private func use(_ bytes: [UInt8]) {
  guard let model = try? Model(parsing: bytes) else { return }
  must((try? model.identity()) != nil)
  must((try? model.isCanonical(bytes)) == true)
  switch model {
  case .float(let model): run(model)
  case .int8(let model): run(model.image)
  case .image(let image):
    run(image)
  }
}

/// What takes longer than all else on a wide network.
private let mostProducts = 1 << 12

private func run(_ model: FloatModel) {
  guard model.layers.reduce(0, { $0 + $1.inputs * $1.outputs }) < mostProducts else { return }
  must(FloatInference(model).run([Float](repeating: 0, count: model.inputs)).count == model.outputs)
}

private func run(_ image: FlatImage) {
  guard image.layers.reduce(0, { $0 + $1.inputs * $1.outputs }) < mostProducts else { return }
  let output = Int8Inference(image).run([Int16](repeating: 0, count: image.inputs))
  must(output.count == image.outputs.count)
  must(output.allSatisfy { image.outputWidth.range.contains(Int($0)) })
}

/// A packed model whose frame holds one block as it is: its size, which has two bytes, follows the head.
private func packed(_ sections: ArraySlice<UInt8>) -> [UInt8]? {
  // What is no list of sections is refused as a flat image as well, and sooner.
  guard sections.count >= 256, sections.count < 1 << 16, (try? readSections(sections)) != nil else {
    return nil
  }
  let size = UInt16(sections.count - 256)
  var body = [UInt8](repeating: 0, count: 4)
  put(UInt32(sections.count), at: 0, &body)
  body += [0x28, 0xB5, 0x2F, 0xFD, 0x60, UInt8(size & 0xFF), UInt8(size >> 8)]
  let head = UInt32(sections.count) << 3 | 1
  body += [UInt8(head & 0xFF), UInt8(head >> 8 & 0xFF), UInt8(head >> 16)]
  return try? Envelope.packed.serialized(body + sections)
}
