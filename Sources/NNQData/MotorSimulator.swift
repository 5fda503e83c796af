// SPDX-License-Identifier: Apache-2.0
public import NNQFiles

/// Sensor data of a small fleet of motors with faults that are known because they were planted.
///
/// Six machines, each with an imbalance, a resonance, bearings and a noise floor of its own, are
/// measured in turn. Speed and load wander. Every so often a machine develops a fault, which grows
/// from barely visible to strong until the machine is repaired. Each row condenses 4,096 samples of
/// acceleration on three axes at 12.8 kHz, and is a pure function of the seed and the row's number
/// in time: fewer rows are the beginning of more rows, on every CPU.
public struct MotorSimulator: Equatable, Sendable {
  /// What the data follow from.
  public let seed: UInt64

  /// A fleet that follows from a seed.
  public init(seed: UInt64) { self.seed = seed }

  /// The names of the features in their order.
  public static let featureNames = MotorFeatures.columns.map(\.name)

  /// The unit of each feature; `1` for a ratio.
  public static let units: [String: String] = Dictionary(
    uniqueKeysWithValues: MotorFeatures.columns.map { ($0.name, $0.unit) })

  /// The name of the target column.
  public static let targetName = "label"

  /// The planted states of a machine.
  public static let classes = MotorFault.allCases.map(\.rawValue)

  /// The first `rows` rows, with six significant digits each, as the CSV file has them.
  public func dataset(rows: Int) -> Dataset {
    var readings: [Float] = []
    readings.reserveCapacity(rows * Self.featureNames.count)
    var labels: [Int32] = []
    var vocabulary: [String] = []
    forEachRow(rows) { features, fault in
      readings += features.map { Float($0.value) }
      if !vocabulary.contains(fault.rawValue) { vocabulary.append(fault.rawValue) }
      labels.append(Int32(vocabulary.firstIndex(of: fault.rawValue) ?? 0))
    }
    let target = Dataset.Target(
      name: Self.targetName, values: [Float](repeating: .nan, count: rows), labels: labels,
      vocabulary: vocabulary, isNumeric: rows == 0)
    return Dataset(
      featureNames: Self.featureNames, rows: rows, readings: readings, targets: [target])
  }

  /// Writes the first `rows` rows as CSV with a header; the caller commits the file.
  public func write(rows: Int, to file: inout AtomicFile) throws(FileError) {
    try file.write("\((Self.featureNames + [Self.targetName]).joined(separator: ","))\n".utf8)
    var failure: FileError?
    forEachRow(rows) { features, fault in
      guard failure == nil else { return }
      let line = "\(features.map(\.text).joined(separator: ",")),\(fault.rawValue)\n"
      do throws(FileError) { try file.write(line.utf8) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  private func forEachRow(_ rows: Int, _ body: ([ShortDecimal], MotorFault) -> Void) {
    var fleet = MotorFleet(seed: seed)
    var waveform = MotorWaveform()
    let features = MotorFeatures()
    for _ in 0..<rows {
      let condition = fleet.next()
      waveform.record(condition, noise: &fleet.random)
      body(features.condensed(waveform, condition).map(ShortDecimal.init), condition.fault)
    }
  }
}
