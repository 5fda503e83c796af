// SPDX-License-Identifier: Apache-2.0
import NNQTrain

/// Prints what a gradient check found; the exit code says whether it passed.
func report(
  _ check: GradientCheck, _ arguments: ParsedArguments, _ console: inout Console
) throws -> ExitCode {
  if arguments.flag("--json") {
    try console.print(
      .answer([
        "check": "gradients", "passed": .boolean(check.isPassed),
        "parameters": .integer(check.parameters), "checked": .integer(check.checked),
        "largest_error": .number(check.largestError), "limit": .number(GradientCheck.limit),
        "layer": .integer(check.layer),
      ]))
  } else {
    let error = Format.significant(check.largestError, digits: 2)
    try console.write(
      "\(check.isPassed ? "ok" : "FAILED")  gradients of \(check.checked) of"
        + " \(check.parameters) parameters: largest relative error \(error) in layer"
        + " \(check.layer), allowed \(GradientCheck.limit)\n")
  }
  return check.isPassed ? .success : .no
}

/// Prints whether a few rows were learnt by heart; the exit code says so too.
func report(
  _ test: OverfitTest, _ arguments: ParsedArguments, _ console: inout Console
) throws -> ExitCode {
  if arguments.flag("--json") {
    try console.print(
      .answer([
        "check": "overfit", "passed": .boolean(test.isPassed), "rows": .integer(test.rows),
        "epochs": .integer(test.epochs), "first_loss": .number(test.firstLoss),
        "last_loss": .number(test.lastLoss),
      ]))
  } else {
    let losses = [test.firstLoss, test.lastLoss].map { Format.significant($0, digits: 3) }
    let meaning =
      test.isPassed
      ? "the network learns them by heart"
      : "the network does not learn them by heart: it is too small, the rate is wrong, or rows of"
        + " the same readings have different targets"
    try console.write(
      "\(test.isPassed ? "ok" : "FAILED")  \(test.rows) rows, \(test.epochs) epochs: loss"
        + " \(losses[0]) to \(losses[1]); \(meaning)\n")
  }
  return test.isPassed ? .success : .no
}
