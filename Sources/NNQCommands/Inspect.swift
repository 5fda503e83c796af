// SPDX-License-Identifier: Apache-2.0

extension Command {
  static let inspect = Command(
    name: "inspect", summary: "Show what is in a model file",
    arguments: [Argument(name: "MODEL", help: "A float or int8 model")],
    options: [.flag("--json", "Print it as one JSON object")],
    examples: [
      Example("nnq inspect model.bin", "Show layers, bytes, features, labels and provenance"),
      Example("nnq inspect model.int8.bin --json", "Print the same for a script"),
    ]
  ) { arguments, console in
    throw Failure.notBuilt(arguments.command)
  }
}
