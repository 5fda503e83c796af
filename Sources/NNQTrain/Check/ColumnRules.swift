// SPDX-License-Identifier: Apache-2.0
internal import NNQData

/// Missing and constant readings, and scales far apart.
func checkColumns(
  _ columns: [ColumnFacts], _ data: Dataset, _ settings: TrainingSettings
) -> [DataFinding] {
  var findings: [DataFinding] = []
  for column in columns where column.present == 0 {
    findings.append(
      DataFinding(
        .refused(.featureWithoutReadings(name: column.name)), .serious,
        columns: [column.name]))
  }
  let holed = columns.filter { (1..<data.rows).contains($0.present) }
  if !holed.isEmpty {
    let rows = (0..<data.rows).filter { row in
      holed.contains { !data.readings[row * data.featureNames.count + $0.index].isFinite }
    }
    findings.append(
      DataFinding(
        .missing(
          readings: holed.reduce(0) { $0 + data.rows - $1.present }, rows: rows.count),
        settings.missingReadings == .refuse ? .serious : .note, columns: holed.map(\.name),
        rows: Array(rows.prefix(shownRows))))
  }
  let constant = columns.filter { $0.isConstant && $0.present > 0 }
  if constant.count == columns.count {
    findings.append(
      DataFinding(.refused(.noChangingFeature), .serious, columns: constant.map(\.name)))
  } else if !constant.isEmpty {
    findings.append(DataFinding(.constant, .caution, columns: constant.map(\.name)))
  }
  let moving = columns.filter { !$0.isConstant }
  for column in moving {
    // The distance of two binary32 numbers at the mean.
    let steps = column.deviation / Double(Float(column.mean).ulp)
    if steps < fewestSteps {
      findings.append(DataFinding(.coarse(steps: steps), .caution, columns: [column.name]))
    }
  }
  if let largest = moving.max(by: { $0.deviation < $1.deviation }),
    let smallest = moving.min(by: { $0.deviation < $1.deviation }),
    largest.deviation >= leastSpread * smallest.deviation
  {
    findings.append(
      DataFinding(
        .spread(
          factor: largest.deviation / smallest.deviation, largest: largest.name,
          smallest: smallest.name), .note, columns: [largest.name, smallest.name]))
  }
  return findings
}

/// How many rows stand for all that show something.
let shownRows = 5
private let leastSpread = 1e3
/// Below a hundred steps in one standard deviation the rounding of readings is seen.
private let fewestSteps = 100.0

/// Features that are another one, or a multiple of it and an offset: of both only the later is named.
///
/// Two such features have the same standardized readings but for the sign, so the same product with
/// any fixed numbers: features are sorted by that product with random numbers, and those that are
/// equal to six digits are compared row by row.
func findDuplicates(_ columns: [ColumnFacts], _ data: Dataset) -> [DataFinding] {
  let whole = columns.filter { $0.present == data.rows && $0.deviation > 0 }
  guard data.rows >= 3 else { return [] }
  var random = RandomSource(seed: 0)
  let weights = (0..<data.rows).map { _ in random.normal() }
  let width = data.featureNames.count
  func standardized(_ column: ColumnFacts, _ row: Int) -> Double {
    (Double(data.readings[row * width + column.index]) - column.mean) / column.deviation
  }
  let keys = whole.map { column in
    abs((0..<data.rows).reduce(0.0) { $0 + weights[$1] * standardized(column, $1) })
  }
  let order = whole.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }
  let tolerance = 1e-6 * Double(data.rows).squareRoot()
  var originals: [Int: Int] = [:]
  for (place, one) in order.enumerated() where originals[one] == nil {
    for other in order[(place + 1)...] {
      guard keys[other] - keys[one] <= tolerance else { break }
      guard originals[other] == nil else { continue }
      let sign = standardized(whole[one], 0) * standardized(whole[other], 0) < 0 ? -1.0 : 1.0
      // A binary32 carries 24 bits; its rounding is seen against the standard deviation.
      let isSame = (0..<data.rows).allSatisfy { row in
        abs(standardized(whole[one], row) - sign * standardized(whole[other], row)) <= 1e-4
      }
      if isSame { originals[max(one, other)] = min(one, other) }
      if originals[one] != nil { break }
    }
  }
  let found = originals.keys.sorted()
  guard !found.isEmpty else { return [] }
  return [
    DataFinding(
      .duplicates(of: found.compactMap { originals[$0] }.map { whole[$0].name }), .caution,
      columns: found.map { whole[$0].name })
  ]
}

/// Columns that number the rows or tell the time, and serial numbers.
///
/// A counter only rises or only falls over all of at least ``fewestRows`` rows, in at least
/// ``fewestValues`` values: every reading is another one, or all are whole numbers. A serial number is
/// whole, at least 95 % of its readings stand once, and they lie so densely in their range that they
/// were handed out, not measured, or its name has a word for identifiers.
func findCounters(_ columns: [ColumnFacts], _ data: Dataset) -> [DataFinding] {
  let fewestRows = 50
  let fewestValues = 20
  guard data.rows >= fewestRows else { return [] }
  return columns.filter { $0.present == data.rows }.compactMap { column in
    let readings = data.column(column.index)
    let isWhole = readings.allSatisfy { $0 == $0.rounded() }
    var (rises, falls) = (0, 0)
    for row in 1..<readings.count {
      if readings[row] > readings[row - 1] { rises += 1 }
      if readings[row] < readings[row - 1] { falls += 1 }
    }
    if min(rises, falls) == 0, max(rises, falls) + 1 >= fewestValues {
      let isStrict = max(rises, falls) == readings.count - 1
      if isStrict || isWhole {
        // Beyond 2^24 a binary32 holds no fraction, whatever the table does.
        let isSeen = isWhole && readings.allSatisfy { abs($0) < 0x1p24 }
        return DataFinding(.counter(isWhole: isSeen), .serious, columns: [column.name])
      }
    }
    guard isWhole, let low = readings.min(), let high = readings.max() else { return nil }
    let sorted = readings.sorted()
    let distinct = 1 + (1..<sorted.count).count { sorted[$0] != sorted[$0 - 1] }
    // Beyond 2^24 a binary32 skips whole numbers.
    let isDense = Double(high) - Double(low) < 4 * Double(readings.count)
    guard isDense || isNamedAsIdentifier(column.name),
      Double(distinct) >= 0.95 * Double(readings.count)
    else { return nil }
    return DataFinding(.identifier, .serious, columns: [column.name])
  }
}

/// Whether one of the words of a column's name, as in `device_id` or `deviceID`, is one for
/// identifiers.
private func isNamedAsIdentifier(_ name: String) -> Bool {
  var words: [String] = [""]
  var wasSmall = false
  for letter in name {
    let isPart = letter.isLetter || letter.isNumber
    if !isPart || (letter.isUppercase && wasSmall) { words.append("") }
    if isPart { words[words.count - 1] += letter.lowercased() }
    wasSmall = letter.isLowercase
  }
  return words.contains { ["id", "ids", "uid", "uuid", "guid", "serial"].contains($0) }
}
