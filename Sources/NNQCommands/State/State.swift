// SPDX-License-Identifier: Apache-2.0
import NNQFiles
import NNQFormat
import NNQState
import NNQWords

extension Command {
  static let state = Command(
    name: "state", summary: "Merge counts of what a model met, or show how far they drifted",
    arguments: [
      Argument(name: "ACTION", help: "What to do", allowed: ["merge", "report"]),
      Argument(
        name: "FILE", help: "State files: any number to merge, one or two to report",
        count: .oneOrMore),
    ],
    options: [
      .file("-o", "FILE", "merge: write the sum here"),
      .value("--max-psi", "INDEX", "report: exit with 1 when a drift is above the index"),
      .flag("--json", "report: print it as one JSON object"),
    ],
    discussion: [
      "eval --state and nnqd write state files. Merging is exact: shards of the same rows in any"
        + " order give the same bytes. A state of another model or of other features is refused.",
      "report of two files shows how far the second lies from the first; of one file, how far it"
        + " lies from the training rows, as far as the model carries their quantiles.",
      "PSI sums (b - a) * ln(b / a) over the bins, a and b being shares of the values: below 0.1 a"
        + " column is steady, from 0.1 it has moved, from 0.25 it has drifted. KS is the largest gap"
        + " between the two shares of values below an edge. Beside PSI stands what chance alone passes"
        + " once in a hundred times with so many rows; a column within it counts as steady.",
    ],
    examples: [
      Example("nnq state merge a.state b.state -o all.state", "Add up the counts of two shards"),
      Example("nnq state report march.state", "Compare with the training rows"),
      Example(
        "nnq state report march.state april.state --max-psi 0.25",
        "Exit with 1 when a feature or score drifted between two months"),
    ]
  ) { arguments, console in
    let paths = arguments.arguments("FILE")
    if arguments.argument("ACTION") == "merge" {
      for option in ["--max-psi", "--json"] where arguments.isGiven(option) {
        throw arguments.command.usageFailure("\(option) belongs to report")
      }
      guard let output = arguments.stringIfGiven("-o") else {
        throw arguments.command.usageFailure("merge: -o FILE is missing")
      }
      let sum = try merged(paths)
      try naming(output) { try writeFile(try sum.serialized(), to: output) }
      console.note("\(output): \(sum.rows) rows of \(paths.count) states")
      return .success
    }
    guard !arguments.isGiven("-o") else {
      throw arguments.command.usageFailure("-o belongs to merge")
    }
    guard paths.count <= 2 else {
      throw arguments.command.usageFailure("report: \(paths.count) files where at most 2 fit")
    }
    let limit = try arguments.numberIfGiven("--max-psi", in: 0...)
    let report = try DriftReport(paths)
    if arguments.flag("--json") {
      try console.print(report.json)
    } else {
      try console.write(report.text(style: console.style))
      for note in report.notes { console.note(note) }
    }
    guard let limit else { return .success }
    let beyond = report.drifts.filter { $0.psi > limit }
    for drift in beyond {
      console.warn(
        "\(quoted(drift.name)): PSI \(Format.significant(drift.psi, digits: 3)) is above --max-psi "
          + Format.significant(limit, digits: 3))
    }
    return beyond.isEmpty ? .success : .no
  }
}

/// The state that a file holds.
func readState(_ path: String) throws(Failure) -> ModelState {
  try naming(path) {
    try ModelState(parsing: try readFile(path, limit: FormatLimit.section))
  }
}

private func merged(_ paths: [String]) throws -> ModelState {
  var sum = try readState(paths[0])
  for path in paths.dropFirst() {
    let other = try readState(path)
    try naming(path) { try sum.merge(other) }
  }
  return sum
}
