// SPDX-License-Identifier: Apache-2.0
public import NNQFormat

extension Model {
  /// Reads a network of another format as a model.
  ///
  /// Constants that shift and scale the inputs become the features' offset and scale, those behind
  /// the last layer the targets' scaling, so that readings and values keep their units.
  /// - Throws: ``InteropError``. Never traps, for any bytes; memory follows the bytes that are there.
  public init(importing file: [UInt8], _ settings: ImportSettings) throws(InteropError) {
    guard file.count <= InteropLimit.file else {
      throw .tooLarge("bytes", found: file.count, limit: InteropLimit.file)
    }
    self = .float(try ONNXImport.network(file).model(settings))
  }
}
