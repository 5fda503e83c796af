// SPDX-License-Identifier: Apache-2.0
package import NNQData
internal import NNQFormat
internal import NNQLinalg

extension Dataset {
  /// The readings of one feature in the given rows, missing ones left out.
  func presentReadings(of feature: Int, in rows: [Int]) -> [Float] {
    let all = column(feature)
    var present = [Float]()
    present.reserveCapacity(rows.count)
    for row in rows where !all[row].isNaN { present.append(all[row]) }
    return present
  }

  /// Checks that every reading is a finite number or, where the policy allows it, missing.
  func checkReadings(missingAllowed: Bool) throws(TrainingError) {
    let width = featureNames.count
    var first = 0
    var fault: TrainingError?
    func look(at piece: [Float]) {
      guard fault == nil else { return }
      for (index, reading) in piece.enumerated()
      where reading.isInfinite || (reading.isNaN && !missingAllowed) {
        let (name, row) = (featureNames[index % width], first + index / width)
        fault =
          reading.isNaN
          ? .missingReading(feature: name, row: row) : .infiniteReading(feature: name, row: row)
        return
      }
      first += piece.count / width
    }
    if let file { file.forEachPiece(look) } else { look(at: readings) }
    // No policy helps where there is nothing to take a mean of.
    if case .missingReading(let name, _) = fault, let feature = featureNames.firstIndex(of: name),
      presentReadings(of: feature, in: Array(0..<rows)).isEmpty
    {
      throw .featureWithoutReadings(name: name)
    }
    if let fault { throw fault }
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

  /// The given rows, without their groups; they are few where a file holds the readings.
  package func selecting(_ rows: [Int]) -> Dataset {
    selecting(rows, readings: rows.flatMap(row), file: nil)
  }

  /// The given rows, without their groups, held as all of them are.
  ///
  /// - Throws: ``TrainingError/file(_:)``.
  func keeping(_ rows: [Int]) throws(TrainingError) -> Dataset {
    guard let file else { return selecting(rows) }
    do {
      return selecting(rows, readings: [], file: try file.selecting(rows))
    } catch {
      throw .file(error)
    }
  }

  private func selecting(_ rows: [Int], readings: [Float], file: ReadingFile?) -> Dataset {
    let chosen = targets.map { target in
      Target(
        name: target.name, values: rows.map { target.values[$0] },
        labels: target.labels.map { labels in rows.map { labels[$0] } },
        vocabulary: target.vocabulary, isNumeric: target.isNumeric)
    }
    return Dataset(
      featureNames: featureNames, rows: rows.count, readings: readings, file: file,
      targets: chosen, sourceSHA256: sourceSHA256, categories: categories)
  }

  /// All readings in memory with the features' replacements for missing ones, `[rows][features]`.
  func replacingMissing(_ features: [Feature]) -> [Float] {
    var result = readings
    for index in result.indices where result[index].isNaN {
      result[index] = features[index % features.count].present(.nan)
    }
    return result
  }
}

extension Feature {
  /// A reading, or what stands in for a missing one.
  func present(_ reading: Float) -> Float {
    reading.isNaN ? Float(replacement ?? 0) : reading
  }

  /// The network's input for a reading that is there.
  func input(_ reading: Float) -> Float { Float((Double(reading) - offset) / scale) }
}
