// SPDX-License-Identifier: Apache-2.0
internal import NNQData
internal import NNQFormat
internal import NNQLinalg

/// A data set made ready for training: rows parted, features and targets on the network's scale.
struct PreparedData: Sendable {
  let task: DetectedTask
  /// The rows that are learned from: all but those an anomaly model must not see.
  let data: Dataset
  let rowsLeftOut: Int
  /// The rows that are fitted, ascending.
  let fitted: [Int]
  /// The rows held back, ascending; empty when none are.
  let validation: [Int]
  /// How the rows held back were chosen.
  let heldBack: HeldBack
  let features: [Feature]
  /// Indices of the features that never change in the fitted rows.
  let constantFeatures: [Int]
  /// `[rows][features]` readings with missing ones replaced, in the sensors' units; empty where a
  /// file holds them.
  let readings: [Float]
  /// `[rows][features]`
  let inputs: NetworkRows
  let targets: TrainingTargets
  let loss: Loss
  let architecture: Architecture
  /// What steers the training.
  let hyperparameters: Hyperparameters

  /// What the network's outputs are compared with, `[rows][...]`.
  var answers: NetworkRows { targets.values.map(NetworkRows.init) ?? inputs }

  /// - Throws: ``TrainingError`` for data or settings that no model can come from.
  init(
    _ data: Dataset, groups: [Int32]?, settings: TrainingSettings
  ) throws(TrainingError) {
    guard !data.featureNames.isEmpty else { throw .noFeatures }
    precondition(groups?.count ?? data.rows == data.rows)
    try data.checkReadings(missingAllowed: settings.missingReadings != .refuse)
    task = try DetectedTask(in: data, kind: settings.task, targets: settings.targets)
    let usable = Self.usableRows(of: data, for: task)
    let count = usable?.count ?? data.rows
    guard count >= 2 else { throw .tooFewRows(found: count, needed: 2) }
    rowsLeftOut = data.rows - count
    let kept = try usable.map { (rows) throws(TrainingError) in try data.keeping(rows) } ?? data
    self.data = kept

    let keptGroups = groups.map { groups in usable?.map { groups[$0] } ?? groups }
    let parts = try Self.part(kept, task: task, groups: keptGroups, settings: settings)
    (validation, heldBack) = (parts.validation, parts.how)
    fitted = Self.sample(
      parts.fitted, share: settings.rowShare, groups: keptGroups, seed: settings.seed)
    if task.kind == .multiclass, task.labels.count >= fitted.count {
      throw .moreClassesThanRows(
        target: kept.targets[task.targets[0]].name, classes: task.labels.count,
        rows: fitted.count, areNumbers: kept.targets[task.targets[0]].isNumeric)
    }
    if settings.temperature != 1, task.kind == .regression || task.kind == .anomaly {
      throw .invalidSetting(.temperature)
    }
    targets = try TrainingTargets(of: kept, for: task, fitted: fitted)
    let pair = try LossFunction.choose(settings.loss, settings.outputLayer, for: task.kind)
    loss = try Loss(
      pair.loss, for: task.kind, targets: targets, fitted: fitted, settings: settings)
    architecture = Architecture(
      settings, inputs: kept.featureNames.count, outputs: targets.outputs, task: task.kind,
      outputLayer: pair.output)
    try Self.checkSize(architecture)
    hyperparameters = Hyperparameters(
      settings, task: task.kind, fittedRows: fitted.count,
      classRows: targets.countClasses(in: fitted, task: task.kind))
    (features, constantFeatures) = try kept.fitFeatures(
      in: fitted, missing: settings.missingReadings)
    // Of a single row nothing can be said.
    guard constantFeatures.count < features.count || fitted.count == 1 else {
      throw .noChangingFeature
    }
    readings = kept.replacingMissing(features)
    inputs = NetworkRows(kept, readings: readings, by: features)
  }

  /// - Throws: ``TrainingError/file(_:)`` when readings are missing from what was read of a file.
  func checkFile() throws(TrainingError) {
    if let failure = data.file?.failure { throw .file(failure) }
  }

  /// As many parameters of 4 bytes as a file's float network may have bytes.
  private static let parameterLimit = 1 << 24

  private static func checkSize(_ architecture: Architecture) throws(TrainingError) {
    guard architecture.parameterCount <= parameterLimit else {
      throw .tooManyParameters(found: architecture.parameterCount, limit: parameterLimit)
    }
  }

  /// The ways in which rows are held back.
  enum HeldBack: String {
    case none, groups, time, stratified, random
  }

  /// Parts the rows by group, by time, by class or at random, in this order of precedence.
  static func part(
    _ data: Dataset, task: DetectedTask, groups: [Int32]?, settings: TrainingSettings
  ) throws(TrainingError) -> (fitted: [Int], validation: [Int], how: HeldBack) {
    let fraction = settings.validation
    guard fraction > 0 else { return (Array(0..<data.rows), [], .none) }
    let split: Split?
    let how: HeldBack
    if let groups {
      how = .groups
      split = Split.grouped(groups: groups, fraction: fraction, seed: settings.seed)
    } else if settings.isTimeOrdered {
      how = .time
      split = Split.timeOrdered(rows: data.rows, fraction: fraction)
    } else if task.kind == .binary || task.kind == .multiclass,
      let labels = data.targets[task.targets[0]].labels
    {
      how = .stratified
      split = Split.stratified(labels: labels, fraction: fraction, seed: settings.seed)
    } else {
      how = .random
      split = Split.random(rows: data.rows, fraction: fraction, seed: settings.seed)
    }
    guard let split else { throw .oneGroup }
    return (split.train, split.validation, how)
  }

  /// Beside those of ``TrainingRun``.
  private static let sampleStream: UInt64 = 5

  /// A share of the rows, ascending: whole groups where there are groups, else rows at random.
  static func sample(_ rows: [Int], share: Double, groups: [Int32]?, seed: UInt64) -> [Int] {
    precondition(share > 0 && share <= 1)
    guard share < 1 else { return rows }
    let wanted = max(1, Int((share * Double(rows.count)).rounded()))
    var random = RandomSource(seed: seed, stream: sampleStream)
    guard let groups else {
      var order = rows
      random.shuffle(&order)
      return order.prefix(wanted).sorted()
    }
    var members = [[Int]](repeating: [], count: Int(groups.max() ?? -1) + 1)
    for row in rows { members[Int(groups[row])].append(row) }
    var order = members.indices.filter { !members[$0].isEmpty }
    random.shuffle(&order)
    var chosen: [Int] = []
    for group in order where chosen.count < wanted { chosen += members[group] }
    return chosen.sorted()
  }

  /// The normal rows where an anomaly task has labels; nil for all rows.
  static func usableRows(of data: Dataset, for task: DetectedTask) -> [Int]? {
    guard task.kind == .anomaly, let column = task.targets.first.map({ data.targets[$0] }),
      let labels = column.labels
    else { return nil }
    let isNormal = column.vocabulary.map { $0 == task.labels[0] }
    guard isNormal.contains(false) else { return nil }
    return labels.indices.filter { isNormal[Int(labels[$0])] }
  }
}
