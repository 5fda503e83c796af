// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQRuntime
import NNQTestSupport
import Testing

@testable import NNQCommands

/// For each way in which loaders of models have been broken, a file and what is said of it.
///
/// Files without an ending are golden bad files of the format; the others lie in `Hostile`.
private let bugClasses: [(class: String, file: String, sentence: String, status: String)] = [
  ("zero dimension", "zero-inputs", "section network, item 0: inputs \"0\"", "dimension"),
  ("zero dimension", "zero-outputs", "section network, item 0: layer outputs \"0\"", "dimension"),
  (
    "zero dimension", "zero-dimension.onnx",
    "operator \"y\" (MatMul): a tensor of the shape [2, 0]",
    "magic"
  ),
  (
    "size product overflow", "size-overflow",
    "section network: 380 bytes long where its fields need 262196", "length"
  ),
  (
    "size product overflow", "float-size-overflow",
    "section floatNetwork: 60 bytes long where its fields need 17179344924", "form"
  ),
  (
    "size product overflow", "size-overflow.onnx",
    "\"w\": its numbers do not fit the shape [2147483648, 8589934592] or are not finite", "magic"
  ),
  (
    "size product overflow", "size-overflow.npy",
    "an array of 9223372036854775807 x 4 elements", "magic"
  ),
  (
    "offset and size wrap", "section-length-wraps",
    "4294967295 bytes where at most 67108864 are allowed", "length"
  ),
  (
    "offset and size wrap", "offset-wraps.safetensors",
    "\"w\": its numbers do not fit the shape [2, 2] or are not finite", "magic"
  ),
  (
    "offset and size wrap", "offset-wraps.tflite", "truncated: a field at byte 0 goes past the end",
    "magic"
  ),
  (
    "root offset past the end", "root-past-end.tflite",
    "truncated: a field at byte 4294967040 goes past the end", "magic"
  ),
  ("root offset past the end", "section-length-past-end", "truncated at byte", "length"),
  (
    "index out of range", "source-past-end", "section network, item 1: source", "source"
  ),
  (
    "index out of range", "offset-past-end.safetensors",
    "\"w\": its numbers do not fit the shape [2, 2] or are not finite", "magic"
  ),
  (
    "negative axis", "negative-axis.onnx",
    "operator \"y\" (Softmax): axis is -9, which is not supported", "magic"
  ),
  (
    "rank change", "rank-of-weights.onnx",
    "operator \"y\" (MatMul): a tensor of the shape [1, 2, 2]", "magic"
  ),
  ("rank change", "rank-change.onnx", "operator \"q\" (Reshape)", "magic"),
  ("scale 0", "scale-zero", "section features, item 1: scale \"0.0\"", "form"),
  ("scale 0", "tensor-scale-zero", "section quantization, item 1: scale \"0.0\"", "form"),
  ("scale NaN", "scale-nan", "section features, item 0: scale \"nan\"", "form"),
  ("scale infinite", "offset-infinite", "section features, item 0: offset \"inf\"", "form"),
  ("scale negative", "scale-negative", "section features, item 0: scale \"-", "form"),
  ("scale denormal", "scale-multiplier-too-small", "section outputs", "multiplier"),
  ("numbers that are not finite", "nan.onnx", "\"weights of layer 0\": its numbers", "magic"),
  (
    "zero point outside int8", "zero-point-outside",
    "section network, item 0: zero point \"128\"", "zero-point"
  ),
  ("shift of the width or more", "shift-63", "section network, item 0: factor of row 0", "shift"),
  ("shift below 1", "shift-zero", "section network, item 0: factor of row 0", "shift"),
  (
    "INT32_MIN", "bias-lowest", "section network, item 0: bias of row 1 \"-2147483648\"", "bias"
  ),
  (
    "multiplier out of range", "multiplier-too-small",
    "section network, item 0: factor of row 0 \"1073741823 >>", "multiplier"
  ),
  (
    "multiplier out of range", "multiplier-negative",
    "section network, item 0: factor of row 0 \"-1073741824 >>", "multiplier"
  ),
  ("misaligned vectors", "misaligned.tflite", "damaged: table layout at byte 5", "magic"),
  (
    "misaligned vectors", "selftest-too-short",
    "section selfTest: 20 bytes long where its fields need 24", "length"
  ),
  ("endless loop", "section-type-zero", "section 0x0 is out of order", "section-unknown"),
  ("endless loop", "endless-varint.onnx", "damaged: varint at byte 0", "magic"),
  ("endless loop", "root-of-itself.tflite", "damaged: table layout at byte 0", "magic"),
  (
    "cyclic input", "cycle.onnx", "operator \"p\" (Add): input 1 is no constant", "magic"
  ),
  ("cyclic input", "source-before-layer", "section network, item", "source"),
  (
    "deeply nested input", "nested.onnx", "operator \"y\" (If): no operator that nnq knows", "magic"
  ),
  ("deeply nested input", "deep.safetensors", "damaged: w at byte 18", "magic"),
  ("decompression bomb", "zstd-bomb", "section 0x0 is out of order", "form"),
  (
    "decompression bomb", "zstd-bomb-declared",
    "134217729 bytes where at most 134217728 are allowed", "form"
  ),
  (
    "decompression bomb", "zstd-bomb-understated",
    "the zstd frame holds 134217728 bytes where 1024 are expected", "form"
  ),
  ("decompression bomb", "bomb.csv.zst", "longer than 16777216 bytes", "magic"),
  (
    "path traversal", "external-data.onnx", "\"w\": its numbers lie in another file", "magic"
  ),
  ("overlapping sections", "section-twice", "section 0x2 is out of order", "section-order"),
  (
    "overlapping sections", "reversed.safetensors",
    "\"w\": its numbers do not fit the shape [2, 2] or are not finite", "magic"
  ),
  (
    "duplicate keys", "duplicate-key.safetensors", "tensors: \"w\" is empty or given twice", "magic"
  ),
  ("duplicate keys", "column-twice.csv", "column \"a\" stands twice", "magic"),
  ("duplicate keys", "name-twice", "section features, item 1: name \"sensor0\"", "form"),
  ("NaN in JSON", "nan-in-header.safetensors", "damaged: number at byte 37", "magic"),
  ("huge numbers", "huge-number.safetensors", "damaged: number at byte 55", "magic"),
  (
    "huge numbers", "huge-number.csv",
    "column \"a\": \"1e999\" is not a finite binary32 number", "magic"
  ),
  (
    "comma decimals", "comma-decimal.csv", "no column is named label... or target...", "magic"
  ),
  (
    "comma decimals", "comma-decimal.safetensors",
    "\"w\": its numbers do not fit the shape [2, 5, 2] or are not finite", "magic"
  ),
  (
    "checker unlike runtime", "accumulator-overflow",
    "section network, item 0: accumulator bound of row 0", "accumulator"
  ),
]

@Suite(.enabled(if: !GoldenFolder.isBeingWritten, "the golden files are being written"))
struct BugClassTests {
  private static let folder = packageRoot + "/Tests/CommandTests/Hostile"

  @Test(
    "the command line and the C loader refuse a file of each class of bugs as they should",
    arguments: bugClasses.indices)
  func refused(index: Int) throws {
    let (name, file, sentence, status) = bugClasses[index]
    let parts = file.split(separator: ".", maxSplits: 1)
    let path =
      parts.count == 1 ? "\(GoldenFolder.badPath)/\(file).bin" : "\(Self.folder)/\(file)"
    let folder = TemporaryFolder()
    let list = folder.put("w -\n", in: "layers")
    let answer =
      switch parts.count == 1 ? "" : parts[1] {
      case "": nnq("inspect", path)
      case "onnx", "tflite": nnq("import", path, "-o", folder("model"))
      case "safetensors": nnq("import", path, "--layers", list, "-o", folder("model"))
      default: nnq("train", path, "-o", folder("model"))
      }
    #expect(answer.code == ExitCode.badInput.rawValue, "\(name)")
    let line = answer.errors.split(separator: "\n").first ?? ""
    #expect(line.hasPrefix("nnq: error: \(path)"), "\(name): \(line)")
    #expect(line.contains(sentence), "\(name): \(line)")
    #expect(folder.names == ["layers"], "\(name): nothing is written")

    let bytes = try #require(fileBytes(path))
    let fault = try #require(throws: RuntimeFault.self) { _ = try FirmwareRuntime(image: bytes) }
    #expect(fault.name == status, "\(name)")
  }

  @Test("scales as small as numbers get are legal, and no verb traps on them")
  func denormalScales() throws {
    var model = sampleFloatModel(.binary, widths: [5, 3, 1], seed: 3)
    for index in model.features.indices {
      model.features[index].scale = Double.leastNonzeroMagnitude
    }
    let folder = TemporaryFolder()
    let path = folder.put(try Model.float(model).serialized(), in: "model.bin")
    expectSuccess(nnq("inspect", path))
    let verified = nnq("verify", path)
    #expect(verified.code == 1, "standardized readings are infinite")
    #expect(verified.output.contains("gives no finite output"), "\(verified.output)")
    #expect([0, 1, 3].contains(nnq("quantize", path).code))
  }

  @Test("every file of the folder has its line, so that none is forgotten")
  func complete() {
    let files = Set(TemporaryFolder.names(in: Self.folder)).subtracting(["make.py"])
    #expect(files == Set(bugClasses.map(\.file).filter { $0.contains(".") }))
  }
}
