// SPDX-License-Identifier: Apache-2.0
import NNQFiles
import NNQFormat
import NNQInterop

/// A model as it was read from a file.
struct ModelInput {
  let path: String
  let bytes: [UInt8]
  let model: Model

  /// A model that was read from `bytes`.
  init(path: String, bytes: [UInt8], model: Model) {
    self.path = path
    self.bytes = bytes
    self.model = model
  }

  /// - Throws: ``Failure`` with exit code 3 for bytes that are no model, 4 when they cannot be read.
  init(_ path: String) throws(Failure) {
    self.path = path
    let bytes = try naming(path) { try readFile(path, limit: FormatLimit.file) }
    self.bytes = bytes
    do throws(ModelFormatError) {
      model = try Model(parsing: bytes)
    } catch .notAModel where Self.isForeign(path, bytes) {
      throw Failure(
        .badInput, "\(named(path)): a network of another format where a model of nnq is needed",
        hint: "nnq import makes a model of it")
    } catch {
      throw Failure(error, in: named(path))
    }
  }

  /// Whether bytes that are no model are a network; ONNX has no mark but its name.
  private static func isForeign(_ path: String, _ bytes: [UInt8]) -> Bool {
    path.hasSuffix(".onnx") || ForeignFormat(of: bytes) != .onnx
  }

  var fileBytes: Int { bytes.count }

  /// `float32` or `int8`, as `--json` names it.
  var kind: String {
    switch model {
    case .float: "float32"
    case .int8, .image: "int8"
    }
  }

  func identity() throws(Failure) -> String {
    try naming(path) { try model.identity() }
  }

  /// The model's float form.
  ///
  /// - Throws: ``Failure`` when the file holds an int8 model.
  func float(for verb: String) throws(Failure) -> FloatModel {
    guard case .float(let model) = model else {
      throw Failure(
        .badInput, "\(named(path)): an int8 model where \(verb) needs a float model",
        hint: "give the model that train wrote")
    }
    return model
  }
}
