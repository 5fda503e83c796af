// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQFormat

/// Rows of input codes from a NumPy file.
struct CodeRows {
  let rows: Int
  private let inputs: Int
  private let codes: [Int16]

  /// Nil when the elements of the file are no 8- or 16-bit integers.
  ///
  /// - Throws: ``Failure`` when the codes have other bits or columns than the image's input.
  init?(_ array: NumPyArray, _ image: FlatImage, _ path: String) throws(Failure) {
    guard let (codes, width) = array.codes else { return nil }
    self.codes = codes
    inputs = image.inputs
    guard width == image.inputWidth else {
      throw Failure(
        .badInput,
        "\(named(path)): \(width.rawValue)-bit codes where the model takes "
          + "\(image.inputWidth.rawValue)-bit codes")
    }
    let isOneRow = array.shape.count == 1 && array.rows == inputs
    guard isOneRow || array.columns == inputs else {
      throw Failure(
        .badInput, "\(named(path)): \(array.columns) columns where the model has \(inputs) inputs")
    }
    rows = isOneRow ? 1 : array.rows
  }

  /// The codes of one row.
  func row(_ index: Int) -> [Int16] { Array(codes[index * inputs..<(index + 1) * inputs]) }
}

extension NumPyArray {
  /// The elements as codes; nil when they are no 8- or 16-bit integers.
  var codes: ([Int16], CodeWidth)? {
    switch elements {
    case .int8(let values): (values.map { Int16($0) }, .eight)
    case .int16(let values): (values, .sixteen)
    default: nil
    }
  }
}
