// SPDX-License-Identifier: Apache-2.0
import NNQFiles

/// A model of any kind, as a file holds it.
public enum Model: Equatable, Sendable {
  case float(FloatModel)
  case int8(Int8Model)
  /// A flat image on its own: codes or counts in, codes out, without names.
  case image(FlatImage)

  /// Reads a packed file or a flat image, told apart by the header.
  ///
  /// - Throws: ``ModelFormatError``. Never traps, for any bytes; allocates no more than the caps of
  ///   the format.
  public init(parsing file: [UInt8]) throws(ModelFormatError) {
    switch try Envelope.parse(file) {
    case .flat: self = .image(try FlatImage(parsing: file))
    case .packed: try self.init(sections: try readSections(unpack(file)[...]))
    case .state: throw .unknownForm(file[4])
    }
  }

  /// The bytes of the file: the packed form, or the flat image itself.
  public func serialized() throws(ModelFormatError) -> [UInt8] {
    switch self {
    case .image(let image): return try image.serialized()
    case .float, .int8:
      let sections = try sections()
      // What is written is read under the reader's rules first, so that no writer makes a bad file.
      _ = try Model(sections: sections)
      return try pack(try writeSections(sections))
    }
  }

  /// The SHA-256 of the sections that may not be ignored; <doc:Format> says exactly which bytes.
  public func identity() throws(ModelFormatError) -> String {
    var kept: [Section] = []
    for section in try sections() where !section.isIgnorable {
      if section.known == .image, case .int8(let model) = self {
        kept += model.image.sections().filter { !$0.isIgnorable }
      } else {
        kept.append(section)
      }
    }
    return SHA256.hex(try writeSections(kept))
  }

  /// The SHA-256 of the flat image as it lies in flash; nil for a float model.
  public func imageIdentity() throws(ModelFormatError) -> String? {
    switch self {
    case .float: nil
    case .int8(let model): SHA256.hex(try model.image.serialized())
    case .image(let image): SHA256.hex(try image.serialized())
    }
  }

  /// Whether writing this model gives the sections of `file`, the file that it was read from. The
  /// packed form is compared unpacked, because the zstd version may differ.
  public func isCanonical(_ file: [UInt8]) throws(ModelFormatError) -> Bool {
    switch try Envelope.parse(file) {
    case .flat: try serialized() == file
    case .packed: try writeSections(try sections()) == unpack(file)
    case .state: false
    }
  }

  public var task: ModelTask.Kind {
    switch self {
    case .float(let model): model.task.kind
    case .int8(let model): model.task.kind
    case .image(let image): image.task
    }
  }
}

/// The sections inside a packed file whose header is already checked.
private func unpack(_ file: [UInt8]) throws(ModelFormatError) -> [UInt8] {
  let start = Envelope.byteCount + 4
  guard file.count >= start else { throw .truncated(byte: file.count, needing: start) }
  let size = Int(Envelope.word(file, at: Envelope.byteCount))
  guard size <= FormatLimit.unpacked else {
    throw .tooLarge(bytes: size, limit: FormatLimit.unpacked)
  }
  do throws(ZstdError) {
    return try Zstd.decompress(file[start...], size: size)
  } catch {
    throw .compression(error)
  }
}

private func pack(_ sections: [UInt8]) throws(ModelFormatError) -> [UInt8] {
  guard sections.count <= FormatLimit.unpacked else {
    throw .tooLarge(bytes: sections.count, limit: FormatLimit.unpacked)
  }
  var body = ByteWriter()
  body.integer(UInt32(sections.count))
  do throws(ZstdError) {
    body.append(try Zstd.compress(sections))
  } catch {
    throw .compression(error)
  }
  return try Envelope.packed.serialized(body.bytes)
}
