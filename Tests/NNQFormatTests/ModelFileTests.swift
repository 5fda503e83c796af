// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQTestSupport
import Testing

@Suite struct ModelFileTests {
  @Test("a float model of each task comes back as it was", arguments: sampleShapes.indices)
  func floatRoundTrip(index: Int) throws {
    let (kind, widths, activation) = sampleShapes[index]
    let model = Model.float(
      sampleFloatModel(
        kind, widths: widths, activation: activation, counted: index % 2 == 0, seed: 3))
    let bytes = try model.serialized()
    let again = try Model(parsing: bytes)
    #expect(again == model)
    #expect(try again.serialized() == bytes)
  }

  @Test("calibration rows and provenance do not move the identity, a weight does")
  func identity() throws {
    var model = sampleFloatModel(.binary, widths: [4, 3, 1], seed: 4)
    let identity = try Model.float(model).identity()
    #expect(identity.count == 64)
    model.calibration = nil
    model.statistics = nil
    model.provenance["seed"] = "another"
    #expect(try Model.float(model).identity() == identity)
    model.layers[0].weights[0] += 1
    #expect(try Model.float(model).identity() != identity)
  }

  @Test("every 1-bit flip of a packed file is refused")
  func flips() throws {
    var bytes = try Model.float(
      sampleFloatModel(.binary, widths: [2, 2, 1], rows: 2, seed: 5)
    ).serialized()
    for bit in 0..<bytes.count * 8 {
      bytes[bit / 8] ^= 1 << (bit % 8)
      #expect(throws: ModelFormatError.self) { try Model(parsing: bytes) }
      bytes[bit / 8] ^= 1 << (bit % 8)
    }
  }

  @Test("every truncation and 64 extensions of a packed file are refused")
  func lengths() throws {
    let bytes = try Model.float(
      sampleFloatModel(.binary, widths: [2, 2, 1], rows: 2, seed: 6)
    ).serialized()
    for count in 0..<bytes.count {
      #expect(throws: ModelFormatError.self) { try Model(parsing: Array(bytes[..<count])) }
    }
    for count in 1...64 {
      #expect(throws: ModelFormatError.self) {
        try Model(parsing: bytes + [UInt8](repeating: 0, count: count))
      }
    }
  }

  @Test("a weight that is not finite is not written")
  func notFinite() {
    var model = sampleFloatModel(.binary, widths: [2, 2, 1], seed: 7)
    model.layers[0].weights[1] = .nan
    #expect(throws: ModelFormatError.self) { try Model.float(model).serialized() }
  }

  @Test("a name longer than the format allows is refused, not cut")
  func longName() {
    var model = sampleFloatModel(.binary, widths: [2, 2, 1], seed: 8)
    model.features[0].name = String(repeating: "x", count: 70_000)
    #expect(throws: ModelFormatError.self) { try Model.float(model).serialized() }
  }

  @Test("an unknown ignorable section survives reading and writing, another is refused")
  func unknownSections() throws {
    var model = sampleFloatModel(.binary, widths: [2, 2, 1], seed: 9)
    model.unknownSections = [Section(type: 0x9000, payload: [1, 2, 3])]
    let bytes = try Model.float(model).serialized()
    #expect(try Model(parsing: bytes) == .float(model))
    model.unknownSections = [Section(type: 0x0200, payload: [1, 2, 3])]
    #expect(throws: ModelFormatError.unknownSection(type: 0x0200)) {
      try Model(parsing: Model.float(model).serialized())
    }
  }

  @Test("sections out of order or with dirty padding are refused")
  func sectionOrder() throws {
    let one = Section(type: 0x9000, payload: [1])
    let two = Section(type: 0x9001, payload: [2])
    var bytes = try writeSections([one, two])
    #expect(try readSections(bytes[...]) == [one, two])
    #expect(throws: ModelFormatError.sectionOutOfOrder(type: 0x9000)) {
      try readSections(writeSections([two, one])[...])
    }
    #expect(throws: ModelFormatError.sectionOutOfOrder(type: 0x9000)) {
      try readSections(writeSections([one, one])[...])
    }
    bytes[bytes.count - 1] = 1
    #expect(throws: ModelFormatError.nonzeroPadding(section: 0x9001)) {
      try readSections(bytes[...])
    }
  }
}
