// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQFormat

/// The rows that the sides of a comparison run: readings, or input codes of an int8 model.
struct ComparedRows {
  let rows: Int
  /// Nil where only codes are known.
  private let readings: ModelRows?
  private let codes: CodeRows?

  init(_ readings: ModelRows) {
    rows = readings.rows
    self.readings = readings
    codes = nil
  }

  /// Reads the rows of a table.
  ///
  /// Codes become readings for a float side through the rule of the int8 side.
  /// - Parameters:
  ///   - hasNames: the columns are matched by name; else they are taken in their order.
  ///   - ignored: the columns that may stand in the table beside those; so may the targets, by name.
  /// - Throws: ``Failure`` when the table does not fit the sides.
  init(
    _ path: String, _ sides: [any Predictor], hasNames: Bool, ignored: [String]
  ) throws(Failure) {
    let features = sides[0].features
    let int8 = sides.compactMap { $0 as? Int8Predictor }
    if let first = int8.first, let array = try Self.array(path),
      let codes = try CodeRows(array, first.image, path)
    {
      for other in int8.dropFirst() { _ = try CodeRows(array, other.image, path) }
      self.codes = codes
      rows = codes.rows
      readings = first.input.isEmpty ? nil : codes.readings(first, of: path)
      return
    }
    guard !features.isEmpty else {
      throw Failure(
        .badInput, "\(named(path)): a flat image takes codes, not readings",
        hint: "give int8 or int16 codes in a .npy")
    }
    codes = nil
    if hasNames {
      readings = try ModelRows(
        path, features: features, targets: nil, ignored: ignored + sides[0].task.targets)
    } else {
      let data = try naming(path) {
        try Dataset(reading: path, columns: .training(excluded: ignored, requiresTarget: false))
      }
      guard data.featureNames.count == features.count else {
        throw Failure(
          .badInput,
          "\(named(path)): \(data.featureNames.count) columns where the network has "
            + "\(features.count) inputs")
      }
      readings = try ModelRows(data, features: features, path: path)
    }
    rows = readings?.rows ?? 0
  }

  /// What a model says of a row, counted from 0.
  func prediction(_ predictor: any Predictor, _ row: Int) -> Prediction {
    if let codes, let int8 = predictor as? Int8Predictor {
      return int8.predict(codes: codes.row(row))
    }
    return predictor.predict(reading(row))
  }

  func trace(_ predictor: any Predictor, _ row: Int) -> LayerTrace {
    if let codes, let int8 = predictor as? Int8Predictor {
      return int8.trace(codes: codes.row(row))
    }
    return predictor.trace(reading(row))
  }

  /// The input codes of a row in an int8 model.
  func codes(_ predictor: Int8Predictor, _ row: Int) -> [Int16] {
    codes?.row(row) ?? predictor.codes(reading(row))
  }

  /// What a float network takes in for a row: readings less their offset, divided by their scale.
  func standardized(_ features: [Feature], _ row: Int) -> [Float] {
    zip(reading(row), features).map { Float((Double($0) - $1.offset) / $1.scale) }
  }

  private func reading(_ row: Int) -> ArraySlice<Float> { readings?.row(row) ?? [] }

  /// The array of a NumPy file; nil for a table of another form.
  private static func array(_ path: String) throws(Failure) -> NumPyArray? {
    guard path.hasSuffix(".npy") else { return nil }
    return try naming(path) { try NumPyArray(reading: path) }
  }
}

extension CodeRows {
  /// The readings that the codes stand for.
  fileprivate func readings(_ predictor: Int8Predictor, of path: String) -> ModelRows {
    let readings = (0..<rows).flatMap { row in
      zip(self.row(row), predictor.input).map { code, rule in
        Float(Double(Int32(code) - rule.zeroPoint) / rule.inverseScale + rule.offset)
      }
    }
    return ModelRows(path: path, rows: rows, readings: readings)
  }
}
