// SPDX-License-Identifier: Apache-2.0

/// The known word that a misspelt one most likely stands for; nil when none is near.
///
/// Near is a word that the given one starts, or at most a third of the letters (at least one)
/// inserted, left out, changed or swapped with their neighbour. The first of equals wins.
func closest(to word: String, among known: [String]) -> String? {
  // Longer words are no slip of the fingers, and the distance takes time with their square.
  guard word.count <= 64 else { return nil }
  var best: (word: String, distance: Int)?
  for candidate in known {
    let distance = editDistance(word, candidate)
    guard distance <= max(1, candidate.count / 3) else { continue }
    if distance < best?.distance ?? .max { best = (candidate, distance) }
  }
  if let best { return best.word }
  let stem = word.drop { $0 == "-" }
  return stem.isEmpty ? nil : known.first { $0.hasPrefix(word) }
}

/// The optimal string alignment distance: insertions, deletions, changes and swaps of neighbours.
func editDistance(_ first: String, _ second: String) -> Int {
  let a = Array(first)
  let b = Array(second)
  var before = [Int]()
  var above = Array(0...b.count)
  for i in a.indices {
    var row = [i + 1]
    for j in b.indices {
      let change = above[j] + (a[i] == b[j] ? 0 : 1)
      var cost = min(above[j + 1] + 1, row[j] + 1, change)
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, before[j - 1] + 1) }
      row.append(cost)
    }
    before = above
    above = row
  }
  return above[b.count]
}
