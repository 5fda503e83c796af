// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQFormat
import NNQRuntime

/// Rows of input codes from a NumPy file, run in the C runtime.
struct CodeRunner {
  private let codes: CodeRows
  private let predictor: Int8Predictor

  var rows: Int { codes.rows }

  /// Nil when the file holds readings: its elements are no 8- or 16-bit integers or the model is
  /// float.
  ///
  /// - Throws: ``Failure`` when the codes have other bits or columns than the model's input.
  init?(_ input: ModelInput, _ array: NumPyArray, _ path: String) throws(Failure) {
    guard let image = input.model.image, let codes = try CodeRows(array, image, path) else {
      return nil
    }
    self.codes = codes
    switch input.model {
    case .float: return nil
    case .int8(let model): predictor = try naming(input.path) { try Int8Predictor(model) }
    case .image(let image): predictor = try naming(input.path) { try Int8Predictor(image) }
    }
  }

  func prediction(_ row: Int) -> Prediction { predictor.predict(codes: codes.row(row)) }
}

extension Model {
  /// The integers of the model; nil for a float model.
  var image: FlatImage? {
    switch self {
    case .float: nil
    case .int8(let model): model.image
    case .image(let image): image
    }
  }
}
