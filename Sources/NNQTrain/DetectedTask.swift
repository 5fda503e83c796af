// SPDX-License-Identifier: Apache-2.0
public import NNQFormat
public import NNQData

/// What a model is to learn from a data set, and why.
public struct DetectedTask: Equatable, Sendable {
  /// The fact that decided, for a sentence to the user.
  public enum Reason: Equatable, Sendable {
    /// The task was asked for.
    case asked
    /// There is no target column.
    case noTarget
    /// Several columns of 0 and 1.
    case labelColumns(Int)
    /// All rows are of one class.
    case oneClass(label: String)
    /// Two classes, the second one positive.
    case twoClasses(negative: String, positive: String)
    /// More than two classes.
    case classes(Int)
    /// Target columns of numbers.
    case numbers(columns: Int)
  }

  /// The task.
  public var kind: ModelTask.Kind
  /// Indices into the data set's targets.
  public var targets: [Int]
  /// The names of the classes in the order of the outputs; two for binary and anomaly.
  public var labels: [String]
  /// Why it is this task.
  public var reason: Reason

  /// Finds out what a data set asks for.
  ///
  /// A column whose name starts with `label` holds classes; several of 0 and 1 are a multi-label
  /// task, one of a single class is an anomaly task (all rows normal). A column whose name starts
  /// with `target` holds numbers to predict. Any other column that is named as a target holds
  /// classes when its cells are no numbers or few whole numbers (``mostWholeNumberClasses``).
  ///
  /// - Parameters:
  ///   - kind: the task when it was asked for; else nil.
  ///   - names: the target columns when they were named; else nil.
  public init(
    in data: Dataset, kind: ModelTask.Kind? = nil, targets names: [String]? = nil
  ) throws(TrainingError) {
    let chosen = try Self.choose(names, from: data, kind: kind)
    let columns = chosen.map { data.targets[$0] }
    self.init(kind: .anomaly, targets: chosen, labels: [], reason: .asked)
    if let kind {
      self.kind = kind
    } else {
      (self.kind, reason) = try Self.infer(from: columns)
    }
    labels = try Self.check(columns, suit: self.kind)
  }

  /// A column of more whole numbers than this that is not called a label is a quantity.
  public static let mostWholeNumberClasses = 20

  private init(kind: ModelTask.Kind, targets: [Int], labels: [String], reason: Reason) {
    self.kind = kind
    self.targets = targets
    self.labels = labels
    self.reason = reason
  }

  private static func choose(
    _ names: [String]?, from data: Dataset, kind: ModelTask.Kind?
  ) throws(TrainingError) -> [Int] {
    if let names {
      var chosen = [Int]()
      for name in names {
        guard let index = data.targets.firstIndex(where: { $0.name == name }) else {
          throw .unknownTarget(name: name)
        }
        if !chosen.contains(index) { chosen.append(index) }
      }
      return chosen
    }
    let labels = data.targets.indices.filter { data.targets[$0].naming == .label }
    let numbers = data.targets.indices.filter { data.targets[$0].naming == .target }
    // The task may settle which of the two kinds is meant.
    switch kind {
    case .regression where !numbers.isEmpty: return numbers
    case .binary, .multiclass, .multilabel, .anomaly: if !labels.isEmpty { return labels }
    default: break
    }
    guard labels.isEmpty || numbers.isEmpty else {
      throw .ambiguousTargets(
        labels: labels.map { data.targets[$0].name }, targets: numbers.map { data.targets[$0].name }
      )
    }
    return Array(data.targets.indices)
  }

  private static func infer(
    from columns: [Dataset.Target]
  ) throws(TrainingError) -> (ModelTask.Kind, Reason) {
    guard let column = columns.first else { return (.anomaly, .noTarget) }
    if columns.count > 1 {
      if columns.allSatisfy({ $0.naming != .target && $0.isZeroOrOne }) {
        return (.multilabel, .labelColumns(columns.count))
      }
      if columns.contains(where: { $0.naming == .label }) {
        throw .severalTargets(names: columns.map(\.name), task: .multiclass)
      }
      return (.regression, .numbers(columns: columns.count))
    }
    if !column.holdsClasses { return (.regression, .numbers(columns: 1)) }
    let labels = column.orderedVocabulary
    switch labels.count {
    case 0:
      throw .tooManyClasses(
        target: column.name, limit: Dataset.Target.vocabularyLimit, areNumbers: column.isNumeric)
    case 1: return (.anomaly, .oneClass(label: labels[0]))
    case 2: return (.binary, .twoClasses(negative: labels[0], positive: labels[1]))
    default: return (.multiclass, .classes(labels.count))
    }
  }

  /// The labels of the outputs, after a check that the columns suit the task.
  private static func check(
    _ columns: [Dataset.Target], suit kind: ModelTask.Kind
  ) throws(TrainingError) -> [String] {
    if kind == .anomaly, columns.isEmpty { return ["normal", "anomaly"] }
    guard let column = columns.first else { throw .noTarget }
    switch kind {
    case .multilabel:
      for column in columns where !column.isZeroOrOne {
        let row = column.values.firstIndex { $0 != 0 && $0 != 1 } ?? 0
        throw .notZeroOrOne(target: column.name, row: row)
      }
      return []
    case .regression:
      for column in columns {
        if let row = column.values.firstIndex(where: { !$0.isFinite }) {
          throw .notANumber(target: column.name, row: row)
        }
      }
      return []
    case .binary, .multiclass, .anomaly:
      guard columns.count == 1 else {
        throw .severalTargets(names: columns.map(\.name), task: kind)
      }
      guard column.labels != nil else {
        throw .tooManyClasses(
          target: column.name, limit: Dataset.Target.vocabularyLimit, areNumbers: column.isNumeric)
      }
      let labels = column.orderedVocabulary
      if kind == .anomaly, let normal = column.mostFrequentLabel {
        // What is normal in this table is normal in others too; all else is an anomaly.
        let others = labels.filter { $0 != normal }
        return [normal, others.count == 1 ? others[0] : normal == "anomaly" ? "other" : "anomaly"]
      }
      guard kind == .multiclass || labels.count <= 2 else {
        throw .tooManyClasses(target: column.name, limit: 2, areNumbers: column.isNumeric)
      }
      guard labels.count >= 2 else {
        throw .oneClass(target: column.name, label: labels.first ?? "")
      }
      return labels
    }
  }
}
