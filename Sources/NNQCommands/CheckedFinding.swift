// SPDX-License-Identifier: Apache-2.0
import NNQData
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
  /// A `train` that the finding does no harm to; nil where no option helps.
  var command: String?

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
    case .text: "text"
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
      "whole numbers that stand once each and fill their range or are named as numbers of things: by"
        + " a serial number a network learns rows by heart"
    case .text(let values, let line, let fits):
      "text and no feature as it stands (line \(line)): \(values) different values"
        + (fits
          ? ", few enough for categories"
          : ", too many for categories: it names or numbers rows or tells the time")
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
    if let command { return command }
    switch finding.kind {
    case .refused(let error): return Failure(error, in: path).hint
    case .twins:
      return "remove rows that were copied, or --group COL for the column of what they belong to;"
        + " states that come again do no harm"
    case .smallClasses: return "collect more of them, or put classes together"
    case .imbalance:
      return
        "judge by pr_auc or macro_f1, train with --class-weights balanced, choose the threshold"
        + " with nnq eval --cost"
    case .coarse: return "take the offset off before the table is written"
    case .contradictions:
      return "look at how the labels were made, or add what tells the rows apart"
    case .counter, .identifier, .text, .tellsTarget, .constant, .duplicates, .missing,
      .easyTarget, .oneClass, .spread:
      return nil
    }
  }

  /// What a training must be told; nil where no option helps.
  func remedy(of data: Dataset) -> CheckRemedy? {
    var remedy = CheckRemedy()
    switch finding.kind {
    case .text(_, _, let fits):
      if fits { remedy.categorical = finding.columns } else { remedy.ignored = finding.columns }
    case .refused(.featureWithoutReadings(let name)): remedy.ignored = [name]
    case .counter, .identifier, .tellsTarget, .constant, .duplicates:
      // A feature that is one value of a column is none that the table names.
      let values = Set(data.categories.flatMap { data.featureNames[$0.features] })
      remedy.ignored = finding.columns.filter { !values.contains($0) }
      guard !remedy.ignored.isEmpty, remedy.ignored.count <= 20 else { return nil }
    case .missing: remedy.replacesMissing = settings.missingReadings == .refuse
    case .twins(let share, let apart):
      remedy.isTimeOrdered = !settings.isTimeOrdered && data.group == nil && apart < share / 2
    default: return nil
    }
    return remedy == CheckRemedy() ? nil : remedy
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
