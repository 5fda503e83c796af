// SPDX-License-Identifier: Apache-2.0
internal import NNQData

extension Dataset.Target {
  /// The indices of the vocabulary in the order of a model's outputs: by value when all labels are
  /// finite numbers, else by the order of their characters.
  var vocabularyOrder: [Int] {
    let numbers = vocabulary.compactMap { Double($0) }.filter(\.isFinite)
    if numbers.count == vocabulary.count {
      return vocabulary.indices.sorted { (numbers[$0], $0) < (numbers[$1], $1) }
    }
    return vocabulary.indices.sorted { vocabulary[$0] < vocabulary[$1] }
  }

  /// The labels in the order of a model's outputs; none when the column has too many.
  var orderedVocabulary: [String] {
    labels == nil ? [] : vocabularyOrder.map { vocabulary[$0] }
  }

  /// The label of most rows, the first in order on a tie; nil without labels.
  var mostFrequentLabel: String? {
    guard let labels, !labels.isEmpty else { return nil }
    var counts = Array(repeating: 0, count: vocabulary.count)
    for label in labels { counts[Int(label)] += 1 }
    let best = vocabularyOrder.reduce(nil) { best, next in
      best.map { counts[$0] >= counts[next] ? $0 : next } ?? next
    }
    return best.map { vocabulary[$0] }
  }

  /// The output index of each row's label; nil when the column has too many labels.
  var classes: [Float]? {
    guard let labels else { return nil }
    var place = [Float](repeating: 0, count: vocabulary.count)
    for (index, word) in vocabularyOrder.enumerated() { place[word] = Float(index) }
    return labels.map { place[Int($0)] }
  }

  var isZeroOrOne: Bool { values.allSatisfy { $0 == 0 || $0 == 1 } }

  /// Whether the column's name and cells speak of classes rather than of a quantity.
  var holdsClasses: Bool {
    if naming == .label || !isNumeric { return true }
    if naming == .target || labels == nil { return false }
    return vocabulary.count <= DetectedTask.mostWholeNumberClasses
      && values.allSatisfy { $0 == $0.rounded() }
  }
}
