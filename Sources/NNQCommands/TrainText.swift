// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQFormat
import NNQTrain
import NNQWords

extension EpochReport {
  /// What is said of a pass while training goes on.
  var line: String {
    var parts = ["loss \(Format.significant(trainLoss, digits: 4))"]
    if let validationLoss {
      parts.append("validation \(Format.significant(validationLoss, digits: 4))")
    }
    if let validationMetric {
      parts.append(
        "\(validationMetric.name.rawValue) \(Format.significant(validationMetric.value, digits: 4))"
      )
    }
    parts.append("\(Int(rowsPerSecond)) rows/s")
    return parts.joined(separator: "  ")
  }
}

extension DetectedTask {
  /// What is to be learnt and why, for people.
  func sentence(_ data: Dataset) -> String {
    let names = targets.map { quoted(data.targets[$0].name) }.joined(separator: ", ")
    let head = names.isEmpty ? "task \(kind.name)" : "task \(kind.name), target \(names)"
    return switch reason {
    case .asked where kind == .anomaly && !targets.isEmpty:
      "\(head), as asked; the rows \(quoted(labels[0])) are normal, as most are"
    case .asked: "\(head), as asked"
    case .noTarget: "\(head): there is no target column"
    case .labelColumns(let count): "\(head): \(count) columns of 0 and 1"
    case .oneClass(let label): "\(head): all rows are \(quoted(label))"
    case .twoClasses(let negative, let positive):
      "\(head): \(quoted(negative)) or \(quoted(positive))"
    case .classes(let count): "\(head): \(count) classes"
    case .numbers: "\(head): numbers"
    }
  }
}
