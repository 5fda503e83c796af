// SPDX-License-Identifier: Apache-2.0
import NNQFiles

/// The payload of the section certificate.
func certificatePayload(_ certificate: Certificate) -> [UInt8] {
  var writer = ByteWriter()
  writer.integer(UInt16(clamping: certificate.box.count))
  writer.integer(UInt16(clamping: certificate.layers.count))
  writer.integer(UInt16(clamping: certificate.outputs.count))
  writer.zeros(2)
  writer.append(certificate.floatIdentity)
  writer.append(certificate.imageIdentity)
  for range in certificate.box {
    writer.float(range.lowerBound)
    writer.float(range.upperBound)
  }
  for layer in certificate.layers {
    writer.integer(UInt32(clamping: layer.accumulator))
    writer.codes(layer.codes)
    writer.integer(UInt16(clamping: layer.loosest))
    writer.zeros(2)
    writer.double(layer.error)
  }
  for output in certificate.outputs {
    writer.codes(output.codes)
    writer.double(output.error)
  }
  return writer.bytes
}

/// Reads the section certificate and checks it against the image that it is about: the hash, the
/// accumulator bounds, and that every range lies within what the layer's codes can be.
///
/// - Parameter payload: of the section image.
func readCertificate(
  _ bytes: [UInt8], _ image: FlatImage, _ payload: [UInt8]
) throws(ModelFormatError) -> Certificate {
  var reader = ByteReader(.certificate, bytes)
  try reader.count("features", image.inputs)
  try reader.count("layers", image.layers.count)
  try reader.count("outputs", image.outputs.count)
  try reader.zeros(2)
  let floatIdentity = Array(try reader.take(32))
  let imageIdentity = Array(try reader.take(32))
  var hash = SHA256()
  hash.update(payload)
  guard imageIdentity == hash.digest() else {
    throw reader.invalid("image sha256", found: hexadecimal(imageIdentity))
  }
  var certificate = Certificate(
    floatIdentity: floatIdentity, imageIdentity: imageIdentity, box: [], layers: [], outputs: [])
  for index in 0..<image.inputs {
    let lowest = try reader.float("lowest reading", index)
    let highest = try reader.float("highest reading", index)
    guard lowest <= highest else {
      throw reader.invalid("box", index, found: "\(lowest) to \(highest)")
    }
    certificate.box.append(lowest...highest)
  }
  for (index, layer) in image.layers.enumerated() {
    let width = image.inputWidth(ofLayer: index)
    let accumulator = Int64(try reader.integer(UInt32.self))
    guard accumulator == layer.accumulatorBound(inputWidth: width) else {
      throw reader.invalid("accumulator bound", index, found: accumulator)
    }
    let codes = try reader.codes(within: layer.outputWidth, index)
    let loosest = Int(try reader.integer(UInt16.self))
    guard loosest < layer.outputs else { throw reader.invalid("loosest", index, found: loosest) }
    try reader.zeros(2, index)
    certificate.layers.append(
      Certificate.Layer(
        accumulator: accumulator, codes: codes, error: try reader.bound(index), loosest: loosest))
  }
  for index in image.outputs.indices {
    let codes = try reader.codes(within: image.outputWidth, index)
    certificate.outputs.append(Certificate.Output(codes: codes, error: try reader.bound(index)))
  }
  try reader.end()
  let lowest = certificate.outputs.map(\.codes.lowerBound).min()
  let highest = certificate.outputs.map(\.codes.upperBound).max()
  guard let last = certificate.layers.last, last.codes.lowerBound == lowest,
    last.codes.upperBound == highest
  else {
    throw reader.invalid("codes of the last layer", image.layers.count - 1, found: "others")
  }
  return certificate
}

private func hexadecimal(_ bytes: [UInt8]) -> String {
  bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

extension ByteWriter {
  fileprivate mutating func codes(_ codes: ClosedRange<Int16>) {
    integer(codes.lowerBound)
    integer(codes.upperBound)
  }
}

extension ByteReader {
  fileprivate mutating func count(_ field: String, _ expected: Int) throws(ModelFormatError) {
    let found = Int(try integer(UInt16.self))
    guard found == expected else { throw invalid(field, found: found) }
  }

  fileprivate mutating func codes(
    within width: CodeWidth, _ index: Int
  ) throws(ModelFormatError) -> ClosedRange<Int16> {
    let lowest: Int16 = try integer()
    let highest: Int16 = try integer()
    guard lowest <= highest, width.range.contains(Int(lowest)), width.range.contains(Int(highest))
    else { throw invalid("codes", index, found: "\(lowest) to \(highest)") }
    return lowest...highest
  }

  fileprivate mutating func bound(_ index: Int) throws(ModelFormatError) -> Double {
    let error = try double("error bound", index)
    // A zero has one form.
    guard error >= 0, error.sign == .plus else {
      throw invalid("error bound", index, found: error)
    }
    return error
  }
}
