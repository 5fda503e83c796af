// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQFormat
import NNQRuntime

/// Rows of input codes from a NumPy file, run in the C runtime.
struct CodeRunner {
  let rows: Int
  private let inputs: Int
  private let codes: [Int16]
  private let predictor: Int8Predictor

  /// Nil when the file holds readings: its elements are no 8- or 16-bit integers or the model is
  /// float.
  ///
  /// - Throws: ``Failure`` when the codes have other bits or columns than the model's input.
  init?(_ input: ModelInput, _ array: NumPyArray, _ path: String) throws(Failure) {
    let width: CodeWidth
    switch array.elements {
    case .int8(let values):
      codes = values.map { Int16($0) }
      width = .eight
    case .int16(let values):
      codes = values
      width = .sixteen
    default: return nil
    }
    let image: FlatImage
    switch input.model {
    case .float: return nil
    case .int8(let model):
      image = model.image
      predictor = try naming(input.path) { try Int8Predictor(model) }
    case .image(let own):
      image = own
      predictor = try naming(input.path) { try Int8Predictor(own) }
    }
    inputs = image.inputs
    guard width == image.inputWidth else {
      throw Failure(
        .badInput,
        "\(named(path)): \(width.rawValue)-bit codes where the model takes \(image.inputWidth.rawValue)-bit "
          + "codes")
    }
    let isOneRow = array.shape.count == 1 && array.rows == inputs
    guard isOneRow || array.columns == inputs else {
      throw Failure(
        .badInput, "\(named(path)): \(array.columns) columns where the model has \(inputs) inputs")
    }
    rows = isOneRow ? 1 : array.rows
  }

  func prediction(_ row: Int) -> Prediction {
    predictor.predict(codes: Array(codes[row * inputs..<(row + 1) * inputs]))
  }
}
