// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQQuantize

extension ParsedArguments {
  /// The line for a shell that quantizes with the options given here and with a fix, or that trains
  /// where only that helps.
  ///
  /// - Parameter data: the table for a fix that takes other rows.
  func fixCommand(_ fix: Finding.Fix, data: String) -> String {
    let (name, value): (String, String?)
    switch fix {
    case .option(let option, let text): (name, value) = (option, text)
    case .prune: (name, value) = ("--prune", nil)
    case .calibrate: (name, value) = ("--calibrate", data)
    case .trainNormalized:
      return "nnq train TRAINING.csv -o model.bin --normalization batch"
    }
    let model = argument("MODEL")
    var words = words(of: .quantize, without: [name, "--threads", "--json"])
    words += [name] + (value.map { [$0] } ?? [])
    // A default name that holds something else would be refused.
    let output = int8Path(model)
    if unsafe access(output, F_OK) == 0 { words += ["-o", output] }
    return shellLine("quantize", operands: [model], words)
  }

  /// The line for a shell that examines what is quantized here.
  var doctorCommand: String {
    shellLine(
      "doctor", operands: [argument("MODEL")], words(of: .doctor, without: ["--threads", "--json"]))
  }

  /// The options given here that another command has as well.
  private func words(of other: Command, without left: [String]) -> [String] {
    command.options.filter { option in
      isGiven(option.name) && !left.contains(option.name)
        && other.options.contains { $0.name == option.name }
    }.flatMap { option in
      option.kind == .flag ? [option.name] : strings(option.name).flatMap { [option.name, $0] }
    }
  }
}

/// `nnq` with a verb and its words, each as a POSIX shell reads it back.
private func shellLine(_ verb: String, operands: [String], _ options: [String]) -> String {
  // What begins with a minus would be an option.
  let operands = operands.map { $0.hasPrefix("-") && $0 != "-" ? "./\($0)" : $0 }
  return (["nnq", verb] + operands + options).map(shellWord).joined(separator: " ")
}
