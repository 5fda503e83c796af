// SPDX-License-Identifier: Apache-2.0

extension Command {
  static let help = Command(
    name: "help", summary: "Print help on nnq or on a verb",
    arguments: [
      Argument(name: "VERB", help: "The verb to explain", count: .optional, completion: .verbs)
    ],
    examples: [
      Example("nnq help", "List the verbs"),
      Example("nnq help train", "Explain the options of train"),
    ]
  ) { arguments, console in
    let help = Help(width: console.width, style: console.style)
    guard let name = arguments.argumentIfGiven("VERB") else {
      try console.write(help.overview(of: CommandTable.all))
      return .success
    }
    guard let command = CommandTable.command(name) else { throw CommandTable.unknownVerb(name) }
    try console.write(help.text(of: command))
    return .success
  }
}
