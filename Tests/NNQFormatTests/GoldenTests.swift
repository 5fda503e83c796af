// SPDX-License-Identifier: Apache-2.0
import NNQFiles
import NNQFormat
import NNQRuntime
import NNQTestSupport
import Testing

@Suite(.enabled(if: !GoldenFolder.isBeingWritten, "the golden files are being written"))
struct GoldenTests {
  /// What golden.json says, by file.
  private static func facts() throws -> [String: GoldenFacts] {
    let text = String(decoding: fileBytes(GoldenFolder.factsPath) ?? [], as: UTF8.self)
    let json = try JSONValue(parsing: text)
    var facts: [String: GoldenFacts] = [:]
    for key in json.keys { facts[key] = try json[key].map { try GoldenFacts($0) } }
    return facts
  }

  @Test("the folder holds each form of each task, and every file has its facts")
  func complete() throws {
    let names = GoldenFolder.goodNames
    #expect(
      names
        == (GoldenModels.all() + GoldenModels.operations() + (try GoldenModels.certified()))
        .map { "\($0.name).bin" }.sorted())
    #expect(names == (try Self.facts()).keys.sorted())
    #expect(GoldenFolder.badNames == (try GoldenFault.all()).map { "\($0.name).bin" }.sorted())
  }

  @Test(
    "a good file is read, has its hashes and is written as it was",
    arguments: GoldenFolder.goodNames)
  func good(name: String) throws {
    let bytes = GoldenFolder.good(name)
    let model = try Model(parsing: bytes)
    let facts = try #require(try Self.facts()[name])
    #expect(try model.identity() == facts.hashes["sha256"])
    #expect(try model.imageIdentity() == facts.hashes["image_sha256"])
    #expect(try model.isCanonical(bytes))
    let again = try model.serialized()
    #expect(try Model(parsing: again) == model)
    // The packed form may differ in bytes where the zstd version does; what it holds may not.
    #expect(try model.isCanonical(again))
    if case .image = model { #expect(again == bytes) }
  }

  @Test(
    "a float model gives the stored bits",
    arguments: GoldenFolder.goodNames.filter { $0.hasPrefix("float") })
  func floatOutputs(name: String) throws {
    guard case .float(let model) = try Model(parsing: GoldenFolder.good(name)) else {
      Issue.record("not a float model")
      return
    }
    let facts = try #require(try Self.facts()[name])
    let readings = try #require(facts.tables["reading_bits"]).map { row in
      row.map { Float(bitPattern: UInt32($0)) }
    }
    #expect(readings.count == 8)
    #expect(GoldenFacts.outputBits(model, readings) == facts.tables["output_bits"])
  }

  @Test(
    "an int8 model gives the stored codes, decisions and probabilities, in Swift and in C",
    arguments: GoldenFolder.goodNames.filter { !$0.hasPrefix("float") })
  func int8Outputs(name: String) throws {
    let facts = try #require(try Self.facts()[name])
    let codes = try #require(facts.tables["input_codes"]).map { $0.map { Int16($0) } }
    #expect(codes.count == 8)
    let image: FlatImage
    switch try Model(parsing: GoldenFolder.good(name)) {
    case .int8(let model):
      let readings = try #require(facts.tables["reading_bits"])
      for (row, expected) in zip(readings, codes) {
        #expect(model.codes(row.map { Float(bitPattern: UInt32($0)) }[...]) == expected)
      }
      image = model.image
    case .image(let own): image = own
    case .float:
      Issue.record("a float model")
      return
    }
    let expected = facts.tables.filter {
      ["output_codes", "decisions", "probabilities"].contains($0.key)
    }
    #expect(GoldenFacts.reference(image, codes) == expected)
    #expect(try GoldenFacts.runtime(image, codes) == expected)
    var runtime = try FirmwareRuntime(image: try image.serialized())
    let passed = runtime.selfTest()
    #expect(passed == true)
  }

  @Test("the outputs are spread, so that a wrong layer would be seen")
  func spread() throws {
    for (name, facts) in try Self.facts() {
      let outputs = facts.tables["output_codes"] ?? facts.tables["output_bits"] ?? []
      #expect(Set(outputs.flatMap { $0 }).count >= 6, "\(name)")
    }
  }

  @Test("a bad file is refused for the fault that it is named after")
  func bad() throws {
    for fault in try GoldenFault.all() {
      let bytes = GoldenFolder.bad("\(fault.name).bin")
      #expect(throws: fault.error, "\(fault.name)") { try Model(parsing: bytes) }
      do throws(RuntimeFault) {
        _ = try FirmwareRuntime(image: bytes)
        Issue.record("\(fault.name): the C loader takes it")
      } catch {
        #expect(error.name == fault.status, "\(fault.name)")
      }
    }
  }

  @Test("every 1-bit flip is refused, by the C loader too", arguments: GoldenFolder.goodNames)
  func flips(name: String) throws {
    var bytes = GoldenFolder.good(name)
    let isImage = bytes[4] == 0x46
    for bit in 0..<bytes.count * 8 {
      bytes[bit / 8] ^= 1 << (bit % 8)
      #expect(throws: ModelFormatError.self) { try Model(parsing: bytes) }
      if isImage { #expect(throws: RuntimeFault.self) { _ = try FirmwareRuntime(image: bytes) } }
      bytes[bit / 8] ^= 1 << (bit % 8)
    }
  }

  @Test("every truncation is refused, by the C loader too", arguments: GoldenFolder.goodNames)
  func truncations(name: String) throws {
    let bytes = GoldenFolder.good(name)
    for count in 0..<bytes.count {
      let cut = Array(bytes[..<count])
      #expect(throws: ModelFormatError.self) { try Model(parsing: cut) }
      #expect(throws: RuntimeFault.self) { _ = try FirmwareRuntime(image: cut) }
    }
  }

  @Test(
    "64 extensions, of zeros and of the file itself, are refused, by the C loader too",
    arguments: GoldenFolder.goodNames)
  func extensions(name: String) {
    let bytes = GoldenFolder.good(name)
    let taken = (1...64).filter { more in
      [bytes + [UInt8](repeating: 0, count: more), bytes + bytes.prefix(more)].contains {
        parses($0) || loads($0)
      }
    }
    #expect(taken.isEmpty)
  }

  @Test(
    "every value of every header byte is refused; with the checksum repaired nothing else is taken",
    arguments: [
      "image-multiclass", "image-layer-norm", "image-add", "float-binary", "int8-anomaly",
    ])
  func header(name: String) {
    let good = GoldenFolder.good("\(name).bin")
    var taken: [String] = []
    for at in 0..<Envelope.byteCount {
      for value in UInt8.min ... .max where value != good[at] {
        let bytes = good.replacing(at, with: value)
        if parses(bytes) || loads(bytes) { taken.append("byte \(at), value \(value)") }
        // The checksum's own bytes are made what they were.
        let repaired = bytes.withChecksum()
        if repaired != good, parses(repaired) || loads(repaired) {
          taken.append("byte \(at), value \(value), repaired")
        }
      }
    }
    #expect(taken == [])
  }

  /// Whether the Swift reader takes the bytes.
  private func parses(_ bytes: [UInt8]) -> Bool { (try? Model(parsing: bytes)) != nil }

  /// Whether the C loader takes the bytes.
  private func loads(_ bytes: [UInt8]) -> Bool {
    do throws(RuntimeFault) {
      _ = try FirmwareRuntime(image: bytes)
      return true
    } catch {
      return false
    }
  }
}

@Suite(.enabled(if: GoldenFolder.isBeingWritten, "NNQ_WRITE_GOLDEN is not set"))
struct GoldenWriting {
  @Test("writes the golden files")
  func write() throws {
    let models =
      GoldenModels.all().sorted { $0.name < $1.name } + GoldenModels.operations()
      + (try GoldenModels.certified())
    var lines: [String] = []
    for (index, golden) in models.enumerated() {
      let name = "\(golden.name).bin"
      try writeFile(try golden.model.serialized(), to: "\(GoldenFolder.goodPath)/\(name)")
      let facts = try GoldenFacts(of: golden.model, seed: 7_200 + UInt64(index))
      lines.append(facts.text(name: name))
    }
    try writeFile(
      "{\n\(lines.joined(separator: ",\n"))\n}\n".utf8, to: GoldenFolder.factsPath)
    for fault in try GoldenFault.all() {
      try writeFile(fault.bytes, to: "\(GoldenFolder.badPath)/\(fault.name).bin")
    }
  }
}
