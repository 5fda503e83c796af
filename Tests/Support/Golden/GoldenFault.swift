// SPDX-License-Identifier: Apache-2.0
public import NNQFormat
import NNQFiles

/// A file with one fault, named by it, and what a reader must say of it.
public struct GoldenFault: Sendable {
  /// The name of the file without its ending.
  public let name: String
  /// What the Swift reader throws.
  public let error: ModelFormatError
  /// What the C loader answers: the name of its status.
  public let status: String
  public let bytes: [UInt8]

  /// Every fault, each in a file whose checksum is right unless the checksum is the fault.
  public static func all() throws -> [GoldenFault] {
    try headerFaults() + sectionFaults() + networkFaults() + operationFaults() + outputFaults()
      + packedFaults()
      + compressionFaults() + certificateFaults()
  }
}

/// The sections of a model, changed field by field and put together without the writer's checks.
struct FaultySections {
  let form: Envelope
  var sections: [Section]

  init(_ image: FlatImage) {
    form = .flat
    sections = image.sections()
  }

  init(_ model: FloatModel) throws {
    form = .packed
    sections = try Model.float(model).sections()
  }

  init(_ model: Int8Model) throws {
    form = .packed
    sections = try Model.int8(model).sections()
  }

  subscript(type: SectionType) -> [UInt8] {
    get { sections.first { $0.type == type.rawValue }?.payload ?? [] }
    set {
      sections.removeAll { $0.type == type.rawValue }
      sections.append(Section(type, newValue))
      sections.sort { $0.type < $1.type }
    }
  }

  /// Writes an integer over the bytes of a payload.
  mutating func put<T: FixedWidthInteger>(_ value: T, in type: SectionType, at byte: Int) {
    self[type] = self[type].replacing(byte, with: value)
  }

  mutating func remove(_ type: SectionType) { sections.removeAll { $0.type == type.rawValue } }

  func file() throws -> [UInt8] { try wrapped(writeSections(sections)) }

  /// A whole file around the bytes of sections.
  func wrapped(_ body: [UInt8]) throws -> [UInt8] {
    guard form == .packed else { return try Envelope.flat.serialized(body) }
    return try Self.packed(rawSize: body.count, frame: Zstd.compress(body))
  }

  static func packed(rawSize: Int, frame: [UInt8]) throws -> [UInt8] {
    var writer = ByteWriter()
    writer.integer(UInt32(rawSize))
    writer.append(frame)
    return try Envelope.packed.serialized(writer.bytes)
  }
}

extension [UInt8] {
  /// The same bytes with an integer over those from `byte` on, low byte first.
  public func replacing<T: FixedWidthInteger>(_ byte: Int, with value: T) -> [UInt8] {
    var bytes = self
    for index in 0..<T.bitWidth / 8 {
      bytes[byte + index] = UInt8(truncatingIfNeeded: value >> T(8 * index))
    }
    return bytes
  }

  /// The same file with the right checksum over whatever it holds.
  public func withChecksum() -> [UInt8] { replacing(12, with: crc32c(self[..<12] + self[16...])) }
}

/// The image that most faults are put into: 3-3-2, multiclass, 8-bit input, a table, 16-bit output,
/// counts and self-test vectors.
func faultBase() -> FlatImage { faultBase(widths: [3, 3, 2], task: .multiclass) }

func faultBase(
  widths: [Int], input: CodeWidth = .eight, task: ModelTask.Kind
) -> FlatImage {
  var random = TestRandom(seed: 7_500)
  var image = GoldenModels.image(
    widths: widths, input: input, output: .sixteen, task: task, hasCounts: true, random: &random)
  image.selfTests = [
    FlatImage.SelfTest(
      input: [Int16](repeating: 1, count: widths[0]),
      output: [Int16](repeating: 2, count: widths[widths.count - 1]),
      digests: [UInt32](repeating: 3, count: widths.count - 1))
  ]
  return image
}
