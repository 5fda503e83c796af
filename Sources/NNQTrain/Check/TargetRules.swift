// SPDX-License-Identifier: Apache-2.0
internal import NNQData
internal import NNQFormat

/// The balance of the classes, and what training refuses.
func checkTargets(
  _ task: DetectedTask, _ data: Dataset, _ settings: TrainingSettings
) -> [DataFinding] {
  var findings: [DataFinding] = []
  for target in task.targets.map({ data.targets[$0] }) {
    if task.kind == .regression {
      if target.values.allSatisfy({ $0 == target.values.first }) {
        findings.append(
          DataFinding(
            .refused(.constantTarget(name: target.name)), .serious,
            columns: [target.name]))
      }
      continue
    }
    // Without labels the column has more of them than any task takes, which was said before.
    guard let labels = target.labels else { continue }
    var counts = [Int](repeating: 0, count: target.vocabulary.count)
    for label in labels { counts[Int(label)] += 1 }
    let order = target.vocabularyOrder
    if order.count == 1 {
      findings.append(
        DataFinding(
          .oneClass(label: target.vocabulary[0]), task.kind == .anomaly ? .note : .caution,
          columns: [target.name]))
      continue
    }
    // An anomaly model learns from one class alone.
    if task.kind == .anomaly { continue }
    let fitted = Int(((1 - settings.validation) * Double(data.rows)).rounded())
    if task.kind == .multiclass, order.count >= fitted {
      findings.append(
        DataFinding(
          .refused(
            .moreClassesThanRows(
              target: target.name, classes: order.count, rows: fitted, areNumbers: target.isNumeric)
          ),
          .serious, columns: [target.name]))
      continue
    }
    let small = order.filter { counts[$0] < DataCheck.fewRows }
    if !small.isEmpty {
      findings.append(
        DataFinding(
          .smallClasses(small.map { (target.vocabulary[$0], counts[$0]) }), .caution,
          columns: [target.name]))
    }
    if let most = order.max(by: { counts[$0] < counts[$1] }) {
      let share = Double(counts[most]) / Double(labels.count)
      if share >= 0.95 {
        findings.append(
          DataFinding(
            .imbalance(label: target.vocabulary[most], share: share), .caution,
            columns: [target.name]))
      }
    }
  }
  return findings
}

/// Features from which alone a target follows.
///
/// Half of the rows, drawn at random, are known; a row of the other half is given the class of most
/// of the ``SingleFeature/neighbours`` known rows whose readings are nearest, or the value on the
/// line of least squares through them. A feature is found at a mean recall of 99.5 %, or an R2 of
/// 0.999.
/// Where more than two of up to 59 features, or three to five of more, come near (97 %, 0.99), the task
/// is easy: what gives an answer away is seldom there so often.
func findTellTales(
  _ columns: [ColumnFacts], _ task: DetectedTask, _ data: Dataset, seed: UInt64
) -> [DataFinding] {
  let fewestRows = 40
  guard data.rows >= fewestRows, task.kind != .anomaly else { return [] }
  var order = Array(0..<data.rows)
  var random = RandomSource(seed: seed, stream: 2)
  random.shuffle(&order)
  let (known, other) = (order[..<(data.rows / 2)], order[(data.rows / 2)...])
  var findings: [DataFinding] = []
  for target in task.targets.map({ data.targets[$0] }) {
    let answers: SingleFeature.Answers
    if task.kind == .regression {
      answers = .numbers(target.values.map(Double.init))
    } else if let labels = target.labels, target.vocabulary.count > 1 {
      answers = .classes(labels.map { Int($0) }, count: target.vocabulary.count)
    } else {
      continue
    }
    let isNumber = task.kind == .regression
    var found: [String] = []
    var near: [String] = []
    var best = 0.0
    for column in columns {
      let feature = SingleFeature(data.column(column.index), answers, known: known)
      let score = feature.score(on: other)
      if score >= (isNumber ? 0.99 : 0.97) { near.append(column.name) }
      guard score >= (isNumber ? 0.999 : 0.995) else { continue }
      found.append(column.name)
      best = max(best, score)
    }
    guard !found.isEmpty else { continue }
    let isEasy = near.count > max(2, min(columns.count / 20, 5))
    findings.append(
      isEasy
        ? DataFinding(.easyTarget(target: target.name, features: near.count), .note, columns: near)
        : DataFinding(
          .tellsTarget(target: target.name, score: best), .serious, columns: found))
  }
  return findings
}
