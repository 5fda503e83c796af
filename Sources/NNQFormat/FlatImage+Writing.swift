// SPDX-License-Identifier: Apache-2.0

extension FlatImage {
  /// The bytes that lie in flash.
  ///
  /// - Throws: ``ModelFormatError`` when a rule of the format does not hold for these values.
  public func serialized() throws(ModelFormatError) -> [UInt8] {
    try validate()
    return try Envelope.flat.serialized(writeSections(sections()))
  }

  /// The image's sections in their order.
  package func sections() -> [Section] {
    var sections = [Section(.network, networkPayload()), Section(.outputs, outputsPayload())]
    if let counts { sections.append(Section(.counts, payload(of: counts))) }
    if let score { sections.append(Section(.score, payload(of: score))) }
    if !selfTests.isEmpty { sections.append(Section(.selfTest, selfTestPayload())) }
    return (sections + unknownSections).sorted { $0.type < $1.type }
  }

  private func networkPayload() -> [UInt8] {
    var writer = ByteWriter()
    writeNetworkHead(to: &writer)
    for layer in layers { layer.writeRecord(to: &writer) }
    for layer in layers { layer.writeData(to: &writer) }
    return writer.bytes
  }

  /// Appends the 8 bytes ahead of the records.
  func writeNetworkHead(to writer: inout ByteWriter) {
    writer.integer(UInt16(inputs))
    writer.integer(UInt16(layers.count))
    writer.integer(inputWidth.rawValue)
    writer.zeros(3)
  }

  private func outputsPayload() -> [UInt8] {
    var writer = ByteWriter()
    writer.integer(task.rawValue)
    writer.integer(UInt8(probability == nil ? 0 : 1))
    writer.integer(UInt16(outputs.count))
    writer.integer(probability?.multiplier ?? 0)
    writer.integer(UInt8(probability?.shift ?? 0))
    writer.zeros(7)
    writer.integer(scoreThreshold)
    for output in outputs {
      writer.integer(output.origin)
      writer.integer(output.multiplier)
      writer.integer(Int16(output.exponent))
      writer.zeros(2)
      writer.integer(output.threshold)
    }
    return writer.bytes
  }

  private func payload(of counts: [Count]) -> [UInt8] {
    var writer = ByteWriter()
    for count in counts {
      writer.integer(count.range.lowerBound)
      writer.integer(count.range.upperBound)
      writer.integer(count.offset)
      writer.integer(count.factor.multiplier)
      writer.integer(UInt8(count.factor.shift))
      writer.zeros(1)
      writer.integer(count.zeroPoint)
    }
    return writer.bytes
  }

  private func payload(of score: [Score]) -> [UInt8] {
    var writer = ByteWriter()
    for target in score {
      writer.integer(target.origin)
      writer.integer(target.factor.multiplier)
      writer.integer(UInt8(target.factor.shift))
      writer.zeros(3)
    }
    return writer.bytes
  }

  private func selfTestPayload() -> [UInt8] {
    var writer = ByteWriter()
    writer.integer(UInt16(selfTests.count))
    writer.zeros(6)
    for vector in selfTests {
      writer.append(inputWidth.bytes(of: vector.input))
      writer.pad(to: 4)
      writer.append(outputWidth.bytes(of: vector.output))
      writer.pad(to: 4)
      for digest in vector.digests { writer.integer(digest) }
    }
    return writer.bytes
  }
}
