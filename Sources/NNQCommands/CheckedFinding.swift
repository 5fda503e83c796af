// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQTrain
import NNQWords

/// What `check` found, in words.
struct CheckedFinding {
  let finding: DataFinding
  private let path: String
  private let settings: TrainingSettings
  private let task: ModelTask.Kind?
  private let lines: [Int]

  init(
    _ finding: DataFinding, path: String, _ settings: TrainingSettings, _ task: ModelTask.Kind?
  ) {
    self.finding = finding
    self.path = path
    self.settings = settings
    self.task = task
    lines = finding.rows.map { $0 + 1 }
  }

  /// The stable name in `--json`.
  private var name: String {
    switch finding.kind {
    case .refused: "refused"
    case .counter: "counter"
    case .identifier: "identifier"
    case .tellsTarget: "tells_target"
    case .easyTarget: "easy_target"
    case .twins: "twins"
    case .contradictions: "contradictions"
    case .oneClass: "one_class"
    case .smallClasses: "small_classes"
    case .imbalance: "imbalance"
    case .constant: "constant"
    case .duplicates: "duplicates"
    case .missing: "missing"
    case .spread: "spread"
    case .coarse: "coarse"
    }
  }

  /// Where: columns, or rows where it is about rows.
  private var place: String {
    if let columns = finding.columns.sample { return columns }
    return lines.isEmpty ? "the table" : rowList
  }

  private var rowList: String {
    "row\(lines.count == 1 ? "" : "s") \(lines.map(String.init).joined(separator: ", "))"
  }

  private var fact: String {
    func number(_ value: Double) -> String { Format.significant(value, digits: 4) }
    return switch finding.kind {
    case .refused(let error): Failure(error, in: printable(path)).sentence
    case .counter(let isWhole):
      "only rises or only falls over all rows\(isWhole ? ", in whole numbers" : ""): it numbers the"
        + " rows or tells the time, and a network would learn the order of the table"
    case .identifier:
      "whole numbers that stand once each and fill their range: a serial number, by which a network"
        + " learns rows by heart"
    case .tellsTarget(let target, let score):
      "\(finding.columns.count == 1 ? "alone gives" : "each alone give") \(quoted(target)) on rows"
        + " that were not looked at (\(measure) \(number(score))): known before the answer is?"
    case .easyTarget(let target, let count):
      "each of \(count) features alone gives \(quoted(target)) or nearly: the task is easy, or all"
        + " of them come after the answer"
    case .twins(let share, let apart):
      "\(Format.percent(share)) of the rows held back have a near twin among the fitted rows, so"
        + " that validation looks better than it is"
        + " (\(Format.percent(apart)) when the last rows are held back)"
    case .contradictions(let share):
      "\(Format.percent(share)) of the rows have the readings of other rows and another label: no"
        + " model gets them right"
    case .oneClass(let label):
      "all rows are \(quoted(label)): train makes an anomaly detector of them"
    case .smallClasses(let classes):
      "fewer than \(DataCheck.fewRows) rows: "
        + classes.prefix(5).map { "\(quoted($0.label)) has \($0.rows)" }.joined(separator: ", ")
        + (classes.count > 5 ? " and \(classes.count - 5) more" : "")
    case .imbalance(let label, let share):
      "\(Format.percent(share)) of the rows are \(quoted(label)): always saying so is that accurate"
    case .constant: "never change"
    case .duplicates(let others):
      "the same as \(others.sample ?? ""), or multiples of them and an offset"
    case .missing(let readings, let rows):
      "\(readings) readings are missing in \(rows) rows, for example \(rowList); train"
        + (settings.missingReadings == .refuse
          ? " refuses them unless told what they become"
          : " puts the \(settings.missingReadings.rawValue) of the column there")
    case .spread(let factor, _, _):
      "standard deviations differ by a factor of \(number(factor)); train divides each feature by its"
        + " own, and the model keeps that scaling"
    case .coarse(let steps):
      "so far from 0 that binary32 leaves \(number(steps)) steps to a standard deviation"
    }
  }

  private var measure: String { task == .regression ? "R2" : "mean recall" }

  /// What to do; nil where nothing needs to be done.
  private var fix: String? {
    let ignored = finding.columns.joined(separator: ",")
    switch finding.kind {
    case .refused(let error): return Failure(error, in: path).hint
    case .counter, .identifier, .tellsTarget, .constant, .duplicates:
      return finding.columns.count <= 20 ? "nnq train \(path) --ignore \(ignored)" : nil
    case .twins(let share, let apart):
      if !settings.isTimeOrdered, apart < share / 2 {
        return "nnq train \(path) --time-ordered"
      }
      return "remove rows that were copied, or --group COL for the column of what they belong to;"
        + " states that come again do no harm"
    case .smallClasses: return "collect more of them, or put classes together"
    case .imbalance:
      return
        "judge by pr_auc or macro_f1, train with --class-weights balanced, choose the threshold"
        + " with nnq eval --cost"
    case .missing:
      return settings.missingReadings == .refuse ? "nnq train \(path) --missing median" : nil
    case .coarse: return "take the offset off before the table is written"
    case .contradictions:
      return "look at how the labels were made, or add what tells the rows apart"
    case .easyTarget, .oneClass, .spread: return nil
    }
  }

  func text(style: Style) -> String {
    let head =
      switch finding.severity {
      case .serious: style.bad("serious")
      case .caution: style.caution("caution")
      case .note: style.bold("note")
      }
    let words = "\(head)  \(printable(place)): \(printable(fact))\n"
    return words + (fix.map { "         fix: \(printable($0))\n" } ?? "")
  }

  var json: JSON {
    [
      "kind": .string(name), "severity": .string(finding.severity.rawValue),
      "columns": JSON(finding.columns), "rows": JSON(lines), "fact": .string(fact),
      "fix": JSON(fix),
    ]
  }
}
