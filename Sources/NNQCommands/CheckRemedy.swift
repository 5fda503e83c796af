// SPDX-License-Identifier: Apache-2.0
import NNQTrain

/// What a `train` must be told so that a finding of `check` does no harm.
struct CheckRemedy: Equatable, Sendable {
  var ignored: [String] = []
  var categorical: [String] = []
  var replacesMissing = false
  var isTimeOrdered = false

  /// Takes in what another finding needs.
  mutating func add(_ other: CheckRemedy) {
    ignored += other.ignored.filter { !ignored.contains($0) }
    categorical += other.categorical.filter { !categorical.contains($0) }
    replacesMissing = replacesMissing || other.replacesMissing
    isTimeOrdered = isTimeOrdered || other.isTimeOrdered
  }

  /// The command line for a shell, with the options that `check` was given; nil where it would leave no
  /// feature.
  ///
  /// - Parameter features: the names of all features.
  func command(_ arguments: ParsedArguments, features: [String]) throws(Failure) -> String? {
    guard !features.allSatisfy(ignored.contains) else { return nil }
    var words = ["nnq", "train", arguments.argument("DATA.csv")]
    let taken = replacesMissing ? ["--missing"] : []
    words += arguments.givenWords(without: ["--json", "--ignore", "--categorical"] + taken)
    for (option, names) in [("--ignore", ignored), ("--categorical", categorical)] {
      let given = try arguments.list(option)
      let all = given + names.filter { !given.contains($0) }
      if !all.isEmpty { words += [option, all.csvLine] }
    }
    if replacesMissing { words += ["--missing", "median"] }
    if isTimeOrdered { words.append("--time-ordered") }
    return words.map(shellWord).joined(separator: " ")
  }
}

/// The text as one word of a POSIX shell, in quotes where it needs them.
func shellWord(_ text: String) -> String {
  let isPlain = text.utf8.allSatisfy { isAlphanumeric($0) || "_-./=:,@%+".utf8.contains($0) }
  return isPlain && !text.isEmpty ? text : shellQuoted(text)
}
