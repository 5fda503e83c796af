// SPDX-License-Identifier: Apache-2.0
import NNQFormat

extension ModelState {
  /// The bytes of the state's file; the same counts give the same bytes.
  ///
  /// - Throws: ``StateError/envelope(_:)`` when they pass the cap of 2^26 bytes.
  public func serialized() throws(StateError) -> [UInt8] {
    var writer = ByteWriter()
    writer.append(bytes(ofHex: layout.model))
    writer.append(bytes(ofHex: layout.featureDigest))
    writer.integer(layout.task.rawValue)
    writer.integer(layout.widths?.input.rawValue ?? 0)
    writer.integer(layout.widths?.output.rawValue ?? 0)
    writer.zeros(1)
    writer.integer(UInt16(layout.features.count))
    writer.integer(UInt16(layout.scores.count))
    writer.integer(UInt16(layout.verdicts.count))
    writer.zeros(2)
    writer.integer(rows)
    for (index, quantity) in layout.features.enumerated() {
      writer.append(quantity)
      for count in bins(ofFeature: index) { writer.integer(count) }
      writer.integer(missing[index])
      writer.append(clipped[index])
    }
    for (index, quantity) in layout.scores.enumerated() {
      writer.append(quantity)
      for count in bins(ofScore: index) { writer.integer(count) }
      writer.append(saturated[index])
    }
    for (name, count) in zip(layout.verdicts, verdicts) {
      writer.string(name)
      writer.integer(count)
    }
    do throws(ModelFormatError) {
      return try Envelope.state.serialized(writer.bytes)
    } catch {
      throw .envelope(error)
    }
  }
}

extension ByteWriter {
  fileprivate mutating func append(_ quantity: StateQuantity) {
    string(quantity.name)
    integer(UInt16(quantity.edges.count))
    integer(UInt8(quantity.profile == nil ? 0 : 1))
    for edge in quantity.edges { double(edge) }
    for bounds in quantity.profile ?? [] {
      double(bounds.lowerBound)
      double(bounds.upperBound)
    }
  }

  fileprivate mutating func append(_ ends: ModelState.Ends) {
    integer(ends.lowest)
    integer(ends.highest)
  }
}

/// The bytes that pairs of lower-case hexadecimal digits stand for.
private func bytes(ofHex text: String) -> [UInt8] {
  let digits = text.utf8.map { $0 < 58 ? $0 - 48 : $0 - 87 }
  return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}
