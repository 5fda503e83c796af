// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQQuantize

/// Whether an int8 model is what its float model gives: the same bytes after the recipe in its
/// provenance.
struct Rebuild {
  /// Nil when the bytes are the same; else what differs.
  let fault: String?
  let detail: String

  /// - Throws: ``Failure`` when either file is of another kind, or the model cannot be quantized.
  init(
    _ input: ModelInput, from source: String, calibrate: [String]
  ) throws(Failure) {
    guard case .int8(let model) = input.model else {
      throw Failure(
        .badInput, "\(named(input.path)): not an int8 model with its provenance",
        hint: "--rebuild takes the float model that an int8 model was made of")
    }
    let floatInput = try ModelInput(source)
    let float = try floatInput.float(for: "verify --rebuild")
    detail = "the recipe in its provenance gives these bytes of \(source)"
    let identity = try floatInput.identity()
    guard model.provenance["float-sha256"] == identity else {
      fault = "was made of another float model"
      return
    }
    guard let line = model.provenance[QuantizationRecord.key],
      let record = QuantizationRecord(line, layers: float.layers.count)
    else {
      fault = "its provenance holds no recipe that this nnq reads"
      return
    }
    let rows = try CalibrationRows(tables: calibrate, for: float)
    guard let used = rows ?? float.calibration else {
      throw Failure(
        .badInput, "\(named(source)): carries no calibration rows",
        hint: "give those that were used with --calibrate")
    }
    guard model.provenance[QuantizationRecord.rowsKey] == used.readingsIdentity else {
      fault = "was calibrated with other rows"
      return
    }
    let again = try naming(source) {
      try Int8Model.quantizing(float, record.settings, recipe: record.recipe, calibration: rows)
        .model.repeatingChanges(of: model)
    }
    // What was proved of the model afterwards is checked on its own.
    var uncertified = model
    uncertified.certificate = nil
    let isSame = try naming(source) {
      try Model.int8(again).serialized() == Model.int8(uncertified).serialized()
    }
    fault = isSame ? nil : "quantizing again gives other bytes"
  }
}
