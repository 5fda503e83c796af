// SPDX-License-Identifier: Apache-2.0

/// The scripts that teach a shell the verbs, options and values of nnq.
struct Completions {
  enum Shell: String, CaseIterable, Sendable { case bash, zsh, fish }

  let commands: [Command]

  func script(for shell: Shell) -> String {
    switch shell {
    case .bash: bash
    case .zsh: zsh
    case .fish: fish
    }
  }

  /// The words that stand for an argument.
  private func offered(_ argument: Argument) -> [String] {
    argument.completion == .verbs ? commands.map(\.name) : argument.allowed
  }

  // MARK: - bash

  private var bash: String {
    var lines = [
      "# bash completion for nnq: source it, or save it in bash-completion's folder as nnq",
      "_nnq() {",
      "  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}",
      "  if [[ $current == = ]]; then current=",
      "  elif [[ $before == = ]]; then before=${COMP_WORDS[COMP_CWORD-2]}; fi",
      "  local verb= words= files= i",
      "  for ((i = 1; i < COMP_CWORD; i++)); do",
      "    case ${COMP_WORDS[i]} in",
      "      \(commands.map(\.name).joined(separator: "|"))) verb=${COMP_WORDS[i]}; break ;;",
      "    esac",
      "  done",
      "  case $verb:$before in",
    ]
    lines += bashValues(of: "*", Option.common)
    for command in commands { lines += bashValues(of: command.name, command.options) }
    lines += ["    *) case $verb in"]
    let starts = commands.map(\.name) + ["--version"] + Option.common.flatMap(\.words)
    lines.append("      '') words='\(starts.joined(separator: " "))' ;;")
    for command in commands {
      let words = command.arguments.flatMap(offered) + command.allOptions.flatMap(\.words)
      let files = command.arguments.contains { $0.completion == .files } ? "files=1 " : ""
      lines.append("      \(command.name)) \(files)words='\(words.joined(separator: " "))' ;;")
    }
    lines += [
      "    esac ;;",
      "  esac",
      "  local IFS=$' \\t\\n'",
      "  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))",
      "  if [[ $files ]]; then",
      "    compopt -o filenames 2>/dev/null",
      "    IFS=$'\\n'",
      "    COMPREPLY+=($(compgen -f -- \"$current\"))",
      "  fi",
      "}",
      "complete -F _nnq nnq",
    ]
    return lines.joined(separator: "\n") + "\n"
  }

  /// One case for all options of a verb whose values are completed alike.
  private func bashValues(of verb: String, _ options: [Option]) -> [String] {
    var actions: [(action: String, patterns: [String])] = []
    for option in options where option.kind != .flag {
      let action =
        option.completion == .files
        ? "files=1" : "words='\(option.allowed.joined(separator: " "))'"
      let patterns = option.words.map { "\(verb):\($0)" }
      if let known = actions.firstIndex(where: { $0.action == action }) {
        actions[known].patterns += patterns
      } else {
        actions.append((action, patterns))
      }
    }
    return actions.map { "    \($0.patterns.joined(separator: "|"))) \($0.action) ;;" }
  }

  // MARK: - zsh

  private var zsh: String {
    var lines = [
      "#compdef nnq",
      "_nnq() {",
      "  local curcontext=$curcontext state line",
      "  local -a verbs",
      "  verbs=(",
    ]
    lines += commands.map { "    \(shellQuoted(zshEscaped($0.name) + ":" + $0.summary))" }
    lines += [
      "  )",
      "  _arguments -C '1: :->verb' '*:: :->rest' '--version[Print the version]' && return",
      "  case $state in",
      "    verb) _describe verb verbs ;;",
      "    rest)",
      "      case $words[1] in",
    ]
    for command in commands {
      lines.append("        \(command.name)) _arguments \\")
      lines += command.allOptions.flatMap(zshOption).map { "            \(shellQuoted($0)) \\" }
      lines += command.arguments.map { "            \(shellQuoted(zshArgument($0))) \\" }
      lines += ["            && return ;;"]
    }
    lines += ["      esac ;;", "  esac", "}", "_nnq \"$@\""]
    return lines.joined(separator: "\n") + "\n"
  }

  private func zshOption(_ option: Option) -> [String] {
    let others = ([option.name] + (option.alias.map { [$0] } ?? []) + option.excludes)
    let guardList = option.isRepeatable ? "*" : "(\(others.joined(separator: " ")))"
    var action = ""
    if option.kind != .flag {
      action = ":\(zshEscaped(option.metavar)):"
      if option.completion == .files { action += "_files" }
      if !option.allowed.isEmpty { action += "(\(option.allowed.joined(separator: " ")))" }
    }
    return option.words.map { word in
      // `+` and `=` after the name allow the value in the same word.
      let joint = option.kind == .flag ? "" : word.hasPrefix("--") ? "=" : "+"
      return "\(guardList)\(word)\(joint)[\(zshEscaped(option.help))]\(action)"
    }
  }

  private func zshArgument(_ argument: Argument) -> String {
    let words = offered(argument).joined(separator: " ")
    let action = argument.completion == .files ? "_files" : "(\(words))"
    let name = zshEscaped(argument.name)
    switch argument.count {
    case .one: return ":\(name):\(action)"
    case .optional: return "::\(name):\(action)"
    case .oneOrMore: return "*:\(name):\(action)"
    }
  }

  private func zshEscaped(_ text: String) -> String {
    var result = ""
    for character in text {
      if "[]:\\".contains(character) { result.append("\\") }
      result.append(character)
    }
    return result
  }

  // MARK: - fish

  private var fish: String {
    let names = commands.map(\.name).joined(separator: " ")
    var lines = [
      "# fish completion for nnq: save it as ~/.config/fish/completions/nnq.fish",
      "complete -c nnq -f",
      "complete -c nnq -n 'not __fish_seen_subcommand_from \(names)' -l version"
        + " -d 'Print the version'",
    ]
    lines += Option.common.map { fishOption("complete -c nnq", $0) }
    for command in commands {
      lines.append(
        "complete -c nnq -n 'not __fish_seen_subcommand_from \(names)' -a \(command.name)"
          + " -d \(shellQuoted(command.summary))")
      let here = "complete -c nnq -n '__fish_seen_subcommand_from \(command.name)'"
      lines += command.options.map { fishOption(here, $0) }
      for argument in command.arguments {
        // `-F` would offer files for the values of options as well.
        let words =
          argument.completion == .files
          ? "(__fish_complete_path (commandline -ct))"
          : offered(argument).joined(separator: " ")
        lines.append("\(here) -a \(shellQuoted(words))")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func fishOption(_ start: String, _ option: Option) -> String {
    var line = start
    for word in option.words {
      line += word.hasPrefix("--") ? " -l \(word.dropFirst(2))" : " -s \(word.dropFirst())"
    }
    if option.kind != .flag {
      line += option.completion == .files ? " -r -F" : " -x"
      if !option.allowed.isEmpty {
        line += " -a \(shellQuoted(option.allowed.joined(separator: " ")))"
      }
    }
    return line + " -d \(shellQuoted(option.help))"
  }
}

extension Option {
  /// Every name that it answers to.
  fileprivate var words: [String] { (alias.map { [$0] } ?? []) + [name] }
}

/// The text in single quotes for a POSIX shell, zsh or fish.
func shellQuoted(_ text: String) -> String {
  // A quote is closed, given between other quotes and opened again: the same in all three.
  var result = "'"
  for character in text { result += character == "'" ? #"'"'"'"# : String(character) }
  return result + "'"
}
