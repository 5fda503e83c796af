// SPDX-License-Identifier: Apache-2.0
import CNNQVector
import Glibc
import NNQLinalg
import NNQFiles

/// Runs one command line and returns the exit code of the process.
///
/// - Parameter words: what follows the name of the program.
public func runCommandLine(_ words: [String]) -> Int32 {
  keepStandardDescriptors()
  BLAS.useOneThread()
  nnq_keep_freed_memory()
  // A closed pipe and a limit on the size of files are then errors of the call that writes, not the
  // death of the process.
  _ = signal(SIGPIPE, SIG_IGN)
  _ = signal(SIGXFSZ, SIG_IGN)
  Interruption.install()
  var console = Console.standard()
  return dispatch(words, on: &console).rawValue
}

/// Finds the verb, runs it and says what went wrong.
func dispatch(_ words: [String], on console: inout Console) -> ExitCode {
  do {
    let code = try perform(words, on: &console)
    return finish(code, on: &console)
  } catch {
    let failure = Failure(error)
    if failure.isClosedPipe { return .success }
    // What was found before the failure belongs before its message.
    let code = finish(failure.code, on: &console)
    console.report(failure)
    return code
  }
}

/// Sends what is left of the results; their loss is a failure too, but a closed pipe is not.
private func finish(_ code: ExitCode, on console: inout Console) -> ExitCode {
  do {
    try console.flush()
    return code
  } catch {
    let failure = Failure(error)
    if failure.isClosedPipe { return code }
    console.report(failure)
    // An answer that did not arrive is none.
    return code == .success || code == .no ? failure.code : code
  }
}

private func perform(_ words: [String], on console: inout Console) throws -> ExitCode {
  // Options that every verb has may stand before the verb: they are read as if they came after it.
  var leading: [String] = []
  var rest = words[...]
  while let word = rest.first, word.hasPrefix("-"), word != "-" {
    rest.removeFirst()
    if word == "--version" {
      try console.print("nnq \(Version.current)")
      return .success
    }
    leading.append(word)
    if word == "--color", let value = rest.popFirst() { leading.append(value) }
  }
  let verb = rest.popFirst()
  let command = verb.flatMap(CommandTable.command)
  if let verb, command == nil { throw CommandTable.unknownVerb(verb) }
  let arguments = try (command ?? .help).parse(leading + rest)
  console.isQuiet = arguments.flag("--quiet")
  if let choice = ColorChoice(rawValue: arguments.string("--color")) { console.setColor(choice) }

  let help = Help(width: console.width, style: console.style)
  if arguments.flag("--help") {
    try console.write(
      command.map { help.text(of: $0) } ?? help.overview(of: CommandTable.all))
    return .success
  }
  guard let command else {
    throw Failure(.usage, "a verb is missing", hint: "nnq help lists the verbs")
  }
  return try command.run(arguments, &console)
}
