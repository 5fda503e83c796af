// SPDX-License-Identifier: Apache-2.0

extension Command {
  static let completions = Command(
    name: "completions", summary: "Print the completion script of a shell",
    arguments: [
      Argument(
        name: "SHELL", help: "One of", allowed: Completions.Shell.allCases.map(\.rawValue),
        completion: .nothing)
    ],
    examples: [
      Example("source <(nnq completions bash)", "Complete in this bash"),
      Example(
        "nnq completions zsh > \"${fpath[1]}/_nnq\"", "Complete in every new zsh"),
      Example(
        "nnq completions fish > ~/.config/fish/completions/nnq.fish", "Complete in every new fish"),
    ]
  ) { arguments, console in
    if let shell = Completions.Shell(rawValue: arguments.argument("SHELL")) {
      try console.write(Completions(commands: CommandTable.all).script(for: shell))
    }
    return .success
  }
}
