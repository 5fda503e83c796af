// SPDX-License-Identifier: Apache-2.0
package import NNQData
internal import NNQFormat
internal import NNQLinalg

extension Dataset {
  /// The readings of one feature in the given rows, missing ones left out.
  func presentReadings(of feature: Int, in rows: [Int]) -> [Float] {
    let width = featureNames.count
    var column = [Float]()
    column.reserveCapacity(rows.count)
    for row in rows {
      let reading = readings[row * width + feature]
      if !reading.isNaN { column.append(reading) }
    }
    return column
  }

  /// Checks that every reading is a finite number or, where the policy allows it, missing.
  func checkReadings(missingAllowed: Bool) throws(TrainingError) {
    let width = featureNames.count
    for (index, reading) in readings.enumerated() where !reading.isFinite {
      let name = featureNames[index % width]
      guard reading.isNaN else { throw .infiniteReading(feature: name, row: index / width) }
      guard missingAllowed else { throw .missingReading(feature: name, row: index / width) }
    }
  }

  /// The features with the scaling of the given rows, and the indices of those that never change.
  ///
  /// - Throws: ``TrainingError/featureWithoutReadings(name:)``.
  func fitFeatures(
    in rows: [Int], missing: TrainingSettings.MissingReadings
  ) throws(TrainingError) -> ([Feature], constant: [Int]) {
    var features = [Feature]()
    var constant = [Int]()
    for (index, name) in featureNames.enumerated() {
      let present = presentReadings(of: index, in: rows)
      guard let spread = ColumnSpread(of: present) else {
        throw .featureWithoutReadings(name: name)
      }
      let replacement: Double? =
        switch missing {
        case .refuse: nil
        case .mean: spread.mean
        case .median: Double(present.sorted()[present.count / 2])
        }
      features.append(
        Feature(
          name: name, offset: spread.mean, scale: spread.scale,
          // A reading is a binary32, and so is what stands in for one.
          replacement: replacement.map { Double(Float($0)) }))
      if spread.isConstant { constant.append(index) }
    }
    return (features, constant)
  }

  /// The given rows, without their groups.
  package func selecting(_ rows: [Int]) -> Dataset {
    let width = featureNames.count
    let chosen = targets.map { target in
      Target(
        name: target.name, values: rows.map { target.values[$0] },
        labels: target.labels.map { labels in rows.map { labels[$0] } },
        vocabulary: target.vocabulary, isNumeric: target.isNumeric)
    }
    return Dataset(
      featureNames: featureNames, rows: rows.count,
      readings: rows.flatMap { readings[($0 * width)..<(($0 + 1) * width)] }, targets: chosen,
      sourceSHA256: sourceSHA256, categories: categories)
  }

  /// All readings with the features' replacements for missing ones, `[rows][features]`.
  func replacingMissing(_ features: [Feature]) -> [Float] {
    var result = readings
    for index in result.indices where result[index].isNaN {
      result[index] = Float(features[index % features.count].replacement ?? 0)
    }
    return result
  }
}

/// The network's inputs `[rows][features]` for readings without missing ones.
func standardize(_ readings: [Float], by features: [Feature]) -> Matrix {
  var inputs = readings
  let width = features.count
  for (column, feature) in features.enumerated() {
    for index in stride(from: column, to: inputs.count, by: width) {
      inputs[index] = Float((Double(inputs[index]) - feature.offset) / feature.scale)
    }
  }
  return Matrix(rows: readings.count / width, columns: width, elements: inputs)
}
