// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// What a wrong decision costs, in any unit.
struct Cost: Equatable, Sendable {
  /// True was said where false is right.
  let falsePositive: Double
  /// False was said where true is right.
  let falseNegative: Double

  /// Reads `--cost fp=1,fn=20`; nil when it is not given.
  ///
  /// - Throws: a usage ``Failure`` unless both are there, neither below 0 and not both 0.
  init?(_ arguments: ParsedArguments) throws(Failure) {
    var costs: [String: Double] = [:]
    for (name, text) in try arguments.assignments("--cost") {
      guard ["fp", "fn"].contains(name) else {
        throw arguments.bad("--cost", name, "is neither fp nor fn")
      }
      costs[name] = try arguments.number(text, of: "--cost", in: 0...1e12)
    }
    guard let first = costs.keys.first else { return nil }
    guard let falsePositive = costs["fp"], let falseNegative = costs["fn"] else {
      throw arguments.bad(
        "--cost", first, "stands alone", hint: "both are needed, for example --cost fp=1,fn=20")
    }
    guard falsePositive > 0 || falseNegative > 0 else {
      throw arguments.bad("--cost", "fp=0,fn=0", "makes every decision right")
    }
    self.init(falsePositive: falsePositive, falseNegative: falseNegative)
  }

  init(falsePositive: Double, falseNegative: Double) {
    self.falsePositive = falsePositive
    self.falseNegative = falseNegative
  }

  func total(_ falsePositives: Int, _ falseNegatives: Int) -> Double {
    falsePositive * Double(falsePositives) + falseNegative * Double(falseNegatives)
  }

  /// For provenance: `fp=1.0 fn=20.0`.
  var text: String { "fp=\(falsePositive) fn=\(falseNegative)" }
}

extension Outcomes {
  /// The mistakes of the decisions, of a task with a threshold; over all targets.
  func mistakes(_ times: Times = .once) -> (falsePositives: Int, falseNegatives: Int) {
    var falsePositives = 0
    var falseNegatives = 0
    for index in truths.indices where truths[index] != decisions[index] {
      if truths[index] == 0 {
        falsePositives += times[index / width]
      } else {
        falseNegatives += times[index / width]
      }
    }
    return (falsePositives, falseNegatives)
  }

  /// The mean cost of a row; nil without rows.
  func costPerRow(_ cost: Cost, _ times: Times = .once) -> Double? {
    let count = (0..<rows).reduce(0) { $0 + times[$1] }
    let (falsePositives, falseNegatives) = mistakes(times)
    return count == 0 ? nil : cost.total(falsePositives, falseNegatives) / Double(count)
  }
}

/// Where scores are parted into false and true at the least cost.
struct CheapestCut: Equatable, Sendable {
  /// The highest score that is false; nil when every row is true.
  let below: Double?
  /// The lowest score that is true; nil when every row is false.
  let above: Double?
  let falsePositives: Int
  let falseNegatives: Int

  /// Finds the cut between two distinct scores, or below or above all of them. Of equally cheap ones
  /// it takes the one nearest to the cut that stands, then the lower one.
  ///
  /// - Parameter standing: how many of the rows are true as it stands.
  /// - Shape: one score and one truth a row; none is not a number.
  init(_ cost: Cost, scores: [Double], truths: [Bool], standing: Int) {
    let order = scores.indices.sorted { scores[$0] > scores[$1] }
    // Everything false to begin with; each step makes the rows of one more score true.
    var (falsePositives, falseNegatives) = (0, truths.count { $0 })
    var best = (taken: 0, cost.total(falsePositives, falseNegatives))
    var found = (falsePositives, falseNegatives)
    for (place, row) in order.enumerated() {
      if truths[row] { falseNegatives -= 1 } else { falsePositives += 1 }
      let taken = place + 1
      if taken < order.count, scores[order[taken]] == scores[row] { continue }
      let total = cost.total(falsePositives, falseNegatives)
      let isNearer = abs(taken - standing) <= abs(best.taken - standing)
      if total < best.1 || (total == best.1 && isNearer) {
        best = (taken, total)
        found = (falsePositives, falseNegatives)
      }
    }
    below = best.taken == order.count ? nil : scores[order[best.taken]]
    above = best.taken == 0 ? nil : scores[order[best.taken - 1]]
    (self.falsePositives, self.falseNegatives) = found
  }
}
