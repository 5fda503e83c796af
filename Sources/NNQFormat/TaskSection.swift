// SPDX-License-Identifier: Apache-2.0

/// The payload of the section task.
func taskPayload(_ task: ModelTask) -> [UInt8] {
  var writer = ByteWriter()
  writer.integer(task.kind.rawValue)
  writer.zeros(1)
  writer.integer(UInt16(clamping: task.targets.count))
  writer.integer(UInt16(clamping: task.labels.count))
  writer.integer(UInt16(clamping: task.thresholds.count))
  for target in task.targets { writer.string(target) }
  for label in task.labels { writer.string(label) }
  for threshold in task.thresholds { writer.double(threshold) }
  for scaling in task.targetScaling {
    writer.double(scaling.offset)
    writer.double(scaling.scale)
  }
  return writer.bytes
}

func readTask(_ bytes: [UInt8]) throws(ModelFormatError) -> ModelTask {
  var reader = ByteReader(.task, bytes)
  let code = try reader.integer(UInt8.self)
  guard let kind = ModelTask.Kind(rawValue: code) else { throw reader.invalid("task", found: code) }
  try reader.zeros(1)
  let targets = Int(try reader.integer(UInt16.self))
  let labels = Int(try reader.integer(UInt16.self))
  let thresholds = Int(try reader.integer(UInt16.self))
  let hasOneTarget = targets == 1
  let fits =
    switch kind {
    case .binary: hasOneTarget && labels == 2 && thresholds == 1
    case .multiclass: hasOneTarget && labels >= 2 && thresholds == 0
    case .multilabel: targets >= 1 && labels == 0 && thresholds == targets
    case .regression: targets >= 1 && labels == 0 && thresholds == 0
    case .anomaly: hasOneTarget && labels == 2 && thresholds == 1
    }
  guard fits else {
    throw reader.invalid("counts for \(kind.name)", found: "\(targets), \(labels), \(thresholds)")
  }
  var task = ModelTask(kind: kind, targets: [])
  task.targets = try reader.distinctNames(targets, "target", mayBeEmpty: kind == .anomaly)
  task.labels = try reader.distinctNames(labels, "label", mayBeEmpty: false)
  for index in 0..<thresholds {
    let threshold = try reader.double("threshold", index)
    guard threshold >= 0, kind == .anomaly || threshold <= 1 else {
      throw reader.invalid("threshold", index, found: threshold)
    }
    task.thresholds.append(threshold)
  }
  for index in 0..<(kind == .regression ? targets : 0) {
    let offset = try reader.double("target offset", index)
    let scale = try reader.double("target scale", index)
    guard scale > 0 else { throw reader.invalid("target scale", index, found: scale) }
    task.targetScaling.append(ModelTask.TargetScaling(offset: offset, scale: scale))
  }
  try reader.end()
  return task
}

extension ByteReader {
  fileprivate mutating func distinctNames(
    _ count: Int, _ field: String, mayBeEmpty: Bool
  ) throws(ModelFormatError) -> [String] {
    var names: [String] = []
    var seen: Set<String> = []
    for index in 0..<count {
      let name = try string(field, index)
      guard mayBeEmpty || !name.isEmpty, seen.insert(name).inserted else {
        throw invalid(field, index, found: name)
      }
      names.append(name)
    }
    return names
  }
}

/// The payload of the section provenance.
func provenancePayload(_ provenance: Provenance) -> [UInt8] {
  var writer = ByteWriter()
  writer.integer(UInt16(clamping: provenance.pairs.count))
  for (key, value) in provenance.pairs.sorted(by: {
    $0.key.utf8.lexicographicallyPrecedes($1.key.utf8)
  }) {
    writer.string(key)
    writer.string(value)
  }
  return writer.bytes
}

func readProvenance(_ bytes: [UInt8]) throws(ModelFormatError) -> Provenance {
  var reader = ByteReader(.provenance, bytes)
  let count = Int(try reader.integer(UInt16.self))
  guard (1...FormatLimit.provenancePairs).contains(count) else {
    throw reader.invalid("pairs", found: count)
  }
  var provenance = Provenance()
  var last: String?
  for index in 0..<count {
    let key = try reader.string("key", index)
    guard last.map({ $0.utf8.lexicographicallyPrecedes(key.utf8) }) ?? !key.isEmpty else {
      throw reader.invalid("key", index, found: key)
    }
    provenance[key] = try reader.string("value", index)
    last = key
  }
  try reader.end()
  return provenance
}
