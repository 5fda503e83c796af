// SPDX-License-Identifier: Apache-2.0

/// The payload of the section features.
func featuresPayload(_ features: [Feature]) -> [UInt8] {
  var writer = ByteWriter()
  writer.integer(UInt16(clamping: features.count))
  writer.zeros(2)
  for feature in features {
    writer.string(feature.name)
    writer.string(feature.unit)
    writer.integer(UInt8(feature.replacement == nil ? 0 : 1))
    writer.integer(UInt8(feature.counts == nil ? 0 : 1))
    writer.double(feature.offset)
    writer.double(feature.scale)
    writer.double(feature.replacement ?? 0)
    if let counts = feature.counts {
      writer.double(counts.unitPerCount)
      writer.double(counts.zeroValue)
      writer.integer(counts.range.lowerBound)
      writer.integer(counts.range.upperBound)
    }
  }
  return writer.bytes
}

func readFeatures(_ bytes: [UInt8]) throws(ModelFormatError) -> [Feature] {
  var reader = ByteReader(.features, bytes)
  let count = Int(try reader.integer(UInt16.self))
  try reader.zeros(2)
  var features: [Feature] = []
  var names: Set<String> = []
  for index in 0..<count {
    let name = try reader.string("name", index)
    guard !name.isEmpty, names.insert(name).inserted else {
      throw reader.invalid("name", index, found: name)
    }
    var feature = Feature(name: name, unit: try reader.string("unit", index))
    let missing = try reader.integer(UInt8.self)
    guard missing <= 1 else { throw reader.invalid("missing values", index, found: missing) }
    let counted = try reader.integer(UInt8.self)
    guard counted <= 1 else { throw reader.invalid("counts", index, found: counted) }
    feature.offset = try reader.double("offset", index)
    feature.scale = try reader.double("scale", index)
    guard feature.scale > 0 else { throw reader.invalid("scale", index, found: feature.scale) }
    let replacement = try reader.double("replacement", index)
    guard missing == 1 || replacement.bitPattern == 0 else {
      throw reader.invalid("replacement", index, found: replacement)
    }
    feature.replacement = missing == 1 ? replacement : nil
    if counted == 1 { feature.counts = try readSensorCounts(&reader, index) }
    features.append(feature)
  }
  try reader.end()
  return features
}

private func readSensorCounts(
  _ reader: inout ByteReader, _ index: Int
) throws(ModelFormatError) -> SensorCounts {
  let unitPerCount = try reader.double("unit per count", index)
  guard unitPerCount > 0 else {
    throw reader.invalid("unit per count", index, found: unitPerCount)
  }
  let zeroValue = try reader.double("value of count 0", index)
  let lowest: Int32 = try reader.integer()
  let highest: Int32 = try reader.integer()
  guard lowest <= highest else {
    throw reader.invalid("count range", index, found: "\(lowest) to \(highest)")
  }
  return SensorCounts(
    unitPerCount: unitPerCount, zeroValue: zeroValue, range: lowest...highest)
}

/// The payload of the section statistics.
func statisticsPayload(_ statistics: FeatureStatistics) -> [UInt8] {
  var writer = ByteWriter()
  writer.integer(UInt16(clamping: statistics.quantiles.count))
  writer.integer(UInt16(clamping: statistics.probabilities.count))
  writer.zeros(4)
  for probability in statistics.probabilities { writer.double(probability) }
  for quantiles in statistics.quantiles {
    for quantile in quantiles { writer.float(quantile) }
  }
  return writer.bytes
}

func readStatistics(
  _ bytes: [UInt8], features: Int
) throws(ModelFormatError) -> FeatureStatistics {
  var reader = ByteReader(.statistics, bytes)
  let count = Int(try reader.integer(UInt16.self))
  guard count == features else { throw reader.invalid("features", found: count) }
  let quantiles = Int(try reader.integer(UInt16.self))
  guard (2...FormatLimit.quantiles).contains(quantiles) else {
    throw reader.invalid("quantiles", found: quantiles)
  }
  try reader.zeros(4)
  var probabilities: [Double] = []
  for index in 0..<quantiles { probabilities.append(try reader.double("probability", index)) }
  let isAscending = zip(probabilities, probabilities.dropFirst()).allSatisfy { $0 < $1 }
  guard isAscending, probabilities.first == 0, probabilities.last == 1 else {
    throw reader.invalid("probabilities", found: probabilities)
  }
  var rows: [[Float]] = []
  for feature in 0..<count {
    let row = try reader.floats(quantiles, "quantile", feature)
    guard zip(row, row.dropFirst()).allSatisfy({ $0 <= $1 }) else {
      throw reader.invalid("quantiles", feature, found: row)
    }
    rows.append(row)
  }
  try reader.end()
  return FeatureStatistics(probabilities: probabilities, quantiles: rows)
}

/// The payload of the section calibration: column by column, which compresses better than rows.
func calibrationPayload(_ calibration: CalibrationRows, features: Int) -> [UInt8] {
  let targets = calibration.targets.count / max(calibration.rows, 1)
  var writer = ByteWriter()
  writer.integer(UInt16(clamping: calibration.rows))
  writer.integer(UInt16(clamping: features))
  writer.integer(UInt16(clamping: targets))
  writer.zeros(2)
  for (values, columns) in [(calibration.readings, features), (calibration.targets, targets)] {
    for column in 0..<columns {
      for row in 0..<calibration.rows { writer.float(values[row * columns + column]) }
    }
  }
  return writer.bytes
}

func readCalibration(
  _ bytes: [UInt8], features: Int, task: ModelTask
) throws(ModelFormatError) -> CalibrationRows {
  var reader = ByteReader(.calibration, bytes)
  let rows = Int(try reader.integer(UInt16.self))
  guard (1...CalibrationRows.limit).contains(rows) else {
    throw reader.invalid("rows", found: rows)
  }
  let columns = Int(try reader.integer(UInt16.self))
  guard columns == features else { throw reader.invalid("features", found: columns) }
  let targets = Int(try reader.integer(UInt16.self))
  guard targets == 0 || targets == task.targets.count else {
    throw reader.invalid("targets", found: targets)
  }
  try reader.zeros(2)
  func table(_ columns: Int, _ field: String) throws(ModelFormatError) -> [Float] {
    var values = [Float](repeating: 0, count: rows * columns)
    for column in 0..<columns {
      for (row, value) in try reader.floats(rows, field, column).enumerated() {
        values[row * columns + column] = value
      }
    }
    return values
  }
  let readings = try table(features, "reading")
  let values = try table(targets, "target")
  try reader.end()
  return CalibrationRows(rows: rows, readings: readings, targets: values)
}
