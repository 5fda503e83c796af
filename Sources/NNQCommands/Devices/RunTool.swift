// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQFiles

/// Whether a command can be found, or a file exists when the name is a path.
func hasTool(_ name: String) -> Bool {
  if name.contains("/") { return unsafe access(name, R_OK) == 0 }
  return (environment("PATH") ?? "").split(separator: ":").contains { folder in
    unsafe access("\(folder)/\(name)", X_OK) == 0
  }
}

/// Runs a command, which reads nothing, to its end; a signal that ends this process ends it and all that it
/// started.
///
/// - Returns: what it wrote to its standard output and error, about 1 MiB at most, and whether it
///   succeeded.
/// - Throws: ``Failure`` when it cannot be started.
func runTool(_ words: [String]) throws(Failure) -> (text: String, succeeded: Bool) {
  var pipes: [Int32] = [0, 0]
  guard unsafe pipe(&pipes) == 0 else {
    throw Failure(.inputOutput, "\(words[0]): no pipe for its output")
  }
  var actions = unsafe posix_spawn_file_actions_t()
  unsafe posix_spawn_file_actions_init(&actions)
  defer { unsafe posix_spawn_file_actions_destroy(&actions) }
  unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
  unsafe posix_spawn_file_actions_adddup2(&actions, pipes[1], STDOUT_FILENO)
  unsafe posix_spawn_file_actions_adddup2(&actions, pipes[1], STDERR_FILENO)
  unsafe posix_spawn_file_actions_addclose(&actions, pipes[0])
  unsafe posix_spawn_file_actions_addclose(&actions, pipes[1])
  var attributes = posix_spawnattr_t()
  unsafe posix_spawnattr_init(&attributes)
  defer { unsafe posix_spawnattr_destroy(&attributes) }
  // A process group of its own, whose number is that of its first process.
  unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))

  var arguments = unsafe words.map { unsafe strdup($0) }
  unsafe arguments.append(nil)
  defer {
    for index in unsafe arguments.indices { unsafe free(arguments[index]) }
  }
  var process: pid_t = 0
  let status = unsafe posix_spawnp(&process, words[0], &actions, &attributes, arguments, environ)
  close(pipes[1])
  defer { close(pipes[0]) }
  guard status == 0 else { throw Failure(.inputOutput, "\(words[0]): cannot be started") }
  Interruption.setChild(process)
  defer { Interruption.setChild(0) }

  var output: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 65_536)
  while true {
    let count = unsafe read(pipes[0], &buffer, buffer.count)
    if count < 0, errno == EINTR { continue }
    guard count > 0 else { break }
    if output.count < 1 << 20 { output += buffer[..<count] }
  }
  var state: Int32 = 0
  while unsafe waitpid(process, &state, 0) < 0, errno == EINTR {}
  return (String(decoding: output, as: UTF8.self), state == 0)
}
