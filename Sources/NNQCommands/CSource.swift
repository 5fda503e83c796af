// SPDX-License-Identifier: Apache-2.0
import NNQFiles
import NNQFormat
import NNQRuntime

/// A flat image as C99, for a device that compiles its model in.
struct CSource {
  /// What all names start with, for example `motor` in `motor_image` and `MOTOR_INPUTS`.
  let name: String
  /// The name of the header, which the source includes.
  let header: String
  let imageBytes: Int
  private let image: FlatImage
  private let bytes: [UInt8]
  private let memory: MemoryPlan
  private let identity: String
  private let imageIdentity: String
  /// Nil for a flat image alone, which has no names.
  private let int8: Int8Model?

  private let layout: DeviceLayout

  /// - Throws: ``RuntimeFault`` or ``ModelFormatError``.
  init(
    name: String, header: String, image: FlatImage, model: Model, arranged: ArrangedImage
  ) throws {
    self.name = name
    self.header = header
    self.image = image
    bytes = arranged.bytes
    imageBytes = bytes.count
    layout = arranged.layout
    let runtime = try FirmwareRuntime(image: try image.serialized(), kernel: .scalar)
    memory = MemoryPlan(runtime, arranged)
    identity = try model.identity()
    imageIdentity = try model.imageIdentity() ?? ""
    if case .int8(let model) = model { int8 = model } else { int8 = nil }
  }

  // MARK: - Header

  var headerText: String {
    """
    /* An int8 model for firmware-runtime, written by nnq export.
     *
     * model sha256 \(identity)
     * image sha256 \(imageIdentity)
    \(layoutComment) */

    #ifndef \(upper)_H
    #define \(upper)_H

    #include <stdint.h>

    #ifdef __cplusplus
    extern "C" {
    #endif

    /* The flat image, for nnq_load(). */
    #define \(upper)_IMAGE_BYTES \(bytes.count)
    extern const uint8_t \(name)_image[\(upper)_IMAGE_BYTES];

    /* The buffers of nnq_run(): codes in, codes out, and the arena. They may be three, or lie in one of
     * \(upper)_RAM_WORDS, where they start at these bytes; \(memoryComment). */
    #define \(upper)_INPUTS \(image.inputs)
    #define \(upper)_OUTPUTS \(image.outputs.count)
    #define \(upper)_ARENA_BYTES \(memory.arenaBytes)
    #define \(upper)_ARENA_WORDS \(max((memory.arenaBytes + 3) / 4, 1)) /* of uint32_t, for its alignment */
    #define \(upper)_RAM_BYTES \(memory.bytes)
    #define \(upper)_RAM_WORDS (\(upper)_RAM_BYTES / 4)
    #define \(upper)_INPUT_AT \(memory.input)
    #define \(upper)_OUTPUT_AT \(memory.output)
    #define \(upper)_ARENA_AT \(memory.arena)
    typedef int\(image.inputWidth.rawValue)_t \(name)_input_code;
    typedef int\(image.outputWidth.rawValue)_t \(name)_output_code;
    typedef char \(name)_fits_its_ram[
        \(upper)_INPUT_AT + \(upper)_INPUTS * sizeof(\(name)_input_code) <= \(upper)_RAM_BYTES &&
        \(upper)_OUTPUT_AT + \(upper)_OUTPUTS * sizeof(\(name)_output_code) <= \(upper)_RAM_BYTES &&
        \(upper)_ARENA_AT + \(upper)_ARENA_BYTES <= \(upper)_RAM_BYTES ? 1 : -1];
    #ifdef \(upper)_RAM_LIMIT /* defined ahead of this header, it is checked here */
    typedef char \(name)_fits_the_limit[\(upper)_RAM_BYTES <= (\(upper)_RAM_LIMIT) ? 1 : -1];
    #endif
    \(inputComment)\(names.map { $0.declaration }.joined())
    #ifdef __cplusplus
    }
    #endif

    #endif

    """
  }

  /// What the arrangement of the weights changes.
  private var layoutComment: String {
    guard layout != .portable else { return "" }
    return " * layout \(layout.rawValue), sha256 \(SHA256.hex(bytes)): other CPUs refuse it\n"
  }

  /// The bytes of the one buffer.
  var ramBytes: Int { memory.bytes }

  private var memoryComment: String {
    image.score == nil ? "then a run may overwrite its input" : "a run leaves its input there"
  }

  /// How each input code is made.
  private var inputComment: String {
    guard let int8 else { return "" }
    let lines = zip(int8.features, int8.input).enumerated().map { index, pair in
      let (feature, input) = pair
      let unit = feature.unit.isEmpty ? "" : " \(comment(feature.unit))"
      let head = " * \(index) \(comment(feature.name)): "
      if image.counts != nil, let counts = feature.counts {
        let zero = counts.zeroValue == 0 ? "" : ", count 0 is \(counts.zeroValue)\(unit)"
        return head + "\(counts.unitPerCount)\(unit) a count\(zero), "
          + "\(counts.range.lowerBound)..\(counts.range.upperBound)\n"
      }
      return head + "x\(unit.isEmpty ? "" : " in\(unit)"), code = "
        + "floor((x - \(input.offset)) * \(input.inverseScale) + 0.5) \(signed(input.zeroPoint))\n"
    }
    let range = image.inputWidth.range
    let lead =
      image.counts != nil
      ? "The inputs; nnq_quantize_counts() turns counts into codes."
      : "The inputs; codes are clamped to \(range.lowerBound)..\(range.upperBound)."
    return "\n/* \(lead)\n" + lines.joined() + " */\n"
  }

  // MARK: - Source

  var sourceText: String {
    var text = """
      /* The constants that \(header) declares. */

      #include "\(header)"

      /* nnq_load() asks for this alignment, which C99 alone has no word for. */
      #if defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
      _Alignas(4)
      #else
      __attribute__((aligned(4)))
      #endif
      const uint8_t \(name)_image[\(upper)_IMAGE_BYTES] = {

      """
    let columns = 12
    for start in stride(from: 0, to: bytes.count, by: columns) {
      let row = bytes[start..<min(start + columns, bytes.count)]
      text += "  " + row.map(hexadecimal).joined(separator: ", ") + ",\n"
    }
    return text + "};\n" + names.map { $0.definition }.joined()
  }

  // MARK: - Names

  private struct Names {
    let declaration: String
    let definition: String
  }

  private var names: [Names] {
    guard let int8 else { return [] }
    let task = int8.task
    var lists = [names("features", int8.features.map(\.name), count: "\(upper)_INPUTS")]
    if !task.labels.isEmpty {
      lists.append(names("labels", task.labels, count: "\(task.labels.count)"))
    }
    if task.kind == .multilabel || task.kind == .regression {
      lists.append(names("targets", task.targets, count: "\(upper)_OUTPUTS"))
    }
    return lists
  }

  private func names(_ what: String, _ texts: [String], count: String) -> Names {
    let type = "const char *const \(name)_\(what)[\(count)]"
    let strings = texts.map { "  \(literal($0)),\n" }.joined()
    return Names(declaration: "\nextern \(type);\n", definition: "\n\(type) = {\n\(strings)};\n")
  }

  private var upper: String { name.uppercased() }
}

/// For example `- 11` or `+ 4`.
private func signed(_ number: Int32) -> String {
  number < 0 ? "- \(number.magnitude)" : "+ \(number)"
}

/// For example `0x0a`.
private func hexadecimal(_ byte: UInt8) -> String {
  (byte < 16 ? "0x0" : "0x") + String(byte, radix: 16)
}

/// A C string; everything that could mean something to a compiler becomes an octal escape.
private func literal(_ text: String) -> String {
  let plain = " _-.,:;()[]%+/=".utf8
  let parts = text.utf8.map { byte in
    if isAlphanumeric(byte) || plain.contains(byte) {
      return String(Unicode.Scalar(byte))
    }
    let digits = String(byte, radix: 8)
    return "\\" + String(repeating: "0", count: 3 - digits.count) + digits
  }
  return "\"\(parts.joined())\""
}

/// Text that cannot end a comment.
private func comment(_ text: String) -> String {
  let plain = " _-.,:;()[]%+/=".utf8
  return String(
    text.unicodeScalars.map { scalar in
      let isPlain =
        scalar.isASCII && { isAlphanumeric($0) || plain.contains($0) }(UInt8(scalar.value))
      return isPlain ? Character(scalar) : "_"
    })
}
