// SPDX-License-Identifier: Apache-2.0
public import NNQData
internal import NNQFormat

/// Looks through a table before a model is trained on it: what would make the validation untrue, what
/// training refuses, and what costs quality.
///
/// Time grows with rows times features, times the logarithm of the rows for the sorting of columns;
/// memory is that of the table, one column more, and some words a row.
public struct DataCheck: Sendable {
  /// In the order of their weight.
  public let findings: [DataFinding]
  /// What training would learn; nil when it refuses the table.
  public let task: DetectedTask?

  /// A class of fewer rows is hardly learnt, and hardly judged.
  public static let fewRows = 10

  /// - Parameters:
  ///   - groups: one a row, as in ``Trainer/train(_:groups:resuming:progress:keep:)``; nil takes the
  ///     data set's own.
  ///   - settings: those that training will have: the rules look at its split and its policy for
  ///     missing readings.
  public init(_ data: Dataset, groups: [Int32]? = nil, settings: TrainingSettings) {
    var findings: [DataFinding] = []
    var detected: DetectedTask?
    do throws(TrainingError) {
      detected = try DetectedTask(in: data, kind: settings.task, targets: settings.targets)
    } catch {
      findings.append(DataFinding(.refused(error), .serious))
    }
    task = detected
    let usable = detected.flatMap { PreparedData.usableRows(of: data, for: $0)?.count }
    if usable ?? data.rows < 2 {
      findings.append(
        DataFinding(.refused(.tooFewRows(found: usable ?? data.rows, needed: 2)), .serious))
    }
    let columns = ColumnFacts.all(data)
    findings += checkColumns(columns, data, settings)
    let sound = columns.filter { !$0.isConstant && $0.present > 0 }
    findings += findDuplicates(sound, data)
    findings += findCounters(sound, data)
    if let detected {
      findings += checkTargets(detected, data, settings)
      findings += findTellTales(sound, detected, data, seed: settings.seed)
      findings += findTwins(sound, detected, data, groups ?? data.group?.labels, settings)
    }
    let order: [DataFinding.Severity] = [.serious, .caution, .note]
    self.findings = order.flatMap { severity in findings.filter { $0.severity == severity } }
  }
}

/// What the rules need to know of a feature.
struct ColumnFacts {
  let index: Int
  let name: String
  /// Readings that are there.
  let present: Int
  let mean: Double
  /// The standard deviation; 0 for a column that never changes.
  let deviation: Double
  let isConstant: Bool

  static func all(_ data: Dataset) -> [ColumnFacts] {
    let width = data.featureNames.count
    return (0..<width).map { column in
      var count = 0
      var first: Float?
      var differs = false
      var mean = 0.0
      var squares = 0.0
      for index in stride(from: column, to: data.readings.count, by: width) {
        let reading = data.readings[index]
        guard reading.isFinite else { continue }
        if let first { differs = differs || reading != first } else { first = reading }
        // Welford's recurrence: one pass, and a large mean costs no digits.
        count += 1
        let distance = Double(reading) - mean
        mean += distance / Double(count)
        squares += distance * (Double(reading) - mean)
      }
      return ColumnFacts(
        index: column, name: data.featureNames[column], present: count, mean: mean,
        deviation: differs ? (squares / Double(count)).squareRoot() : 0, isConstant: !differs)
    }
  }
}
