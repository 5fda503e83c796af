// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQFiles
import NNQWords

/// Runs `nnqd` with the words of a command line, which this may print to.
///
/// - Returns: the exit code: 0 ok, 1 the answer is no, 2 usage, 3 bad input file, 4 I/O.
public func runDaemon(_ words: [String]) -> Int32 {
  keepStandardDescriptors()
  if words.contains("--help") || words.contains("-h") {
    print(usageText, terminator: "")
    return 0
  }
  if words.first == "--version" {
    print("nnqd \(PackageVersion.current)")
    return 0
  }
  if words.first == "replay" { return runReplay(Array(words.dropFirst())) }
  do throws(GatewayError) {
    var reader = ArgumentReader(words)
    let configuration = try reader.configuration()
    for (name, needs) in configuration.idle {
      Log.write(.warning, "\(name) does nothing without \(needs)")
    }
    if reader.checksOnly {
      try configuration.check()
      try configuration.examine()
      print("ok")
      return 0
    }
    let signals = try Daemon.signalQueue()
    try Daemon(configuration) { () throws(GatewayError) in
      var again = ArgumentReader(words)
      again.takesPipes = false
      return try again.configuration()
    }.run(signals)
    return 0
  } catch {
    Log.write(.error, error.sentence)
    return error.exitCode
  }
}

/// The words before and after the configuration.
private struct ArgumentReader {
  var rest: ArraySlice<String>
  var checksOnly = false
  /// Whether the configuration may come over a descriptor that whoever started the daemon handed to it;
  /// the loop of one that runs does not wait for a writer.
  var takesPipes = true

  init(_ words: [String]) { rest = words[...] }

  /// The configuration's file first, wherever it stands, then the options in their order.
  mutating func configuration() throws(GatewayError) -> Configuration {
    var configuration = Configuration()
    var options: [(name: String, value: String)] = []
    var given: Set<String> = []
    func note(_ name: String) throws(GatewayError) {
      guard given.insert(name).inserted else { throw .repeatedSetting(name, line: 0) }
    }
    while let word = rest.popFirst() {
      guard word.hasPrefix("--") else { throw .unknownSetting(word, line: 0) }
      let parts = word.dropFirst(2)
        .split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard let name = parts.first, !name.isEmpty else { throw .unknownSetting(word, line: 0) }
      try note(name)
      if name == "check", parts.count == 1, rest.first?.hasPrefix("--") ?? true {
        checksOnly = true
      } else if name == "check" || name == "config" {
        checksOnly = checksOnly || name == "check"
        // A file after --check is the one that --config names.
        if name == "check" { try note("config") }
        configuration = try read(try value(name, parts))
      } else if Setting.all.first(where: { $0.name == name })?.value.isEmpty == true {
        options.append((name, parts.count > 1 ? parts[1] : "yes"))
      } else if !Setting.all.contains(where: { $0.name == name }) {
        throw .unknownSetting("--\(name)", line: 0)
      } else {
        options.append((name, try value(name, parts)))
      }
    }
    for (name, value) in options { try configuration.set(name, value) }
    return configuration
  }

  private mutating func value(_ name: String, _ parts: [String]) throws(GatewayError) -> String {
    if parts.count > 1 { return parts[1] }
    guard let value = rest.popFirst() else { throw .badSetting(name, value: "", line: 0) }
    return value
  }

  private func read(_ path: String) throws(GatewayError) -> Configuration {
    let bytes: [UInt8]
    let isHanded = takesPipes && ["/dev/fd/", "/dev/stdin"].contains { path.hasPrefix($0) }
    do throws(FileError) {
      bytes =
        isHanded ? try readFile(path, limit: 1 << 20) : try readGivenFile(path, limit: 1 << 20)
    } catch { throw .file(error) }
    do throws(GatewayError) {
      return try Configuration(parsing: String(decoding: bytes, as: UTF8.self))
    } catch { throw .configuration(file: path, error) }
  }
}

private let usageText: String = {
  var text = """
    usage: nnqd [--config FILE] [--SETTING VALUE]...
           nnqd --check [FILE] [--SETTING VALUE]...
           nnqd replay [--list] [--models FOLDER] LOG...

    Decides sensor messages with an int8 model. A message is a line of JSON such as
      {"device": "pump-7", "seq": 42, "x": {"rms": 0.12, "temperature": 41.5}}
    with "counts" instead of "x" for raw sensor counts. The same settings stand in FILE as name = VALUE.


    """
  for setting in Setting.all {
    let name = "--\(setting.name)" + (setting.value.isEmpty ? "" : " \(setting.value)")
    let padding = String(repeating: " ", count: max(1, 30 - name.utf8.count))
    text += "\(setting.isLive ? "*" : " ") \(name)\(padding)\(setting.help)\n"
  }
  return text + """
      --help, -h                    Print this
      --version                     Print the version
      --check [FILE]                Say whether settings and the files that they name are in order

    SIGHUP reads FILE, the settings with a *, the lists and keys, and the models' folder again; when
    something is wrong, nothing changes. SIGTERM answers what has come and ends. The log is standard
    error, which the journal keeps: there is no file to reopen.
    Exit codes: 0 ok, 1 a replay differs or is damaged, 2 usage, 3 a bad input file, 4 the system refused.

    """
}()
