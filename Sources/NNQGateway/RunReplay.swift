// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQFiles

/// Runs `nnqd replay [--list] [--models FOLDER] LOG...`, which prints one line for each log.
///
/// - Returns: the exit code: 0 all decisions came out the same, 1 not or some could not be read, 2 usage,
///   3 not a journal, 4 I/O.
func runReplay(_ words: [String]) -> Int32 {
  var folder: String?
  var lists = false
  var logs: [String] = []
  var rest = words[...]
  while let word = rest.popFirst() {
    switch word {
    case "--list" where lists, "--models" where folder != nil:
      return usage("\(word) is given twice")
    case "--list": lists = true
    case "--models":
      folder = rest.popFirst()
      if folder == nil { return usage("--models needs a folder") }
    case _ where word.hasPrefix("-"): return usage("unknown option \"\(word)\"")
    default: logs.append(word)
    }
  }
  guard !logs.isEmpty else { return usage("LOG is missing") }
  // The worst of all logs.
  return logs.reduce(0) { max($0, replay($1, models: folder, lists: lists)) }
}

private func usage(_ fact: String) -> Int32 {
  Log.write(.error, "replay: \(fact)")
  return 2
}

private func replay(_ log: String, models folder: String?, lists: Bool) -> Int32 {
  let models =
    folder
    ?? (log.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    + ["models"]).joined(separator: "/")
  let reader: JournalReader
  do throws(FileError) {
    try checkGivenFile(log)
    reader = try JournalReader(path: log)
  } catch { return report(error) }
  var run = Replay()
  let isJournal = run.run(reader) { identity in
    guard let bytes = try? readModelFile("\(models)/\(identity).bin"),
      let model = try? GatewayModel(bytes, name: identity), model.identity == identity
    else { return nil }
    return model
  } visit: { decision, identity in
    if lists { print(decision.line(identity)) }
  }
  if let failure = run.failure { return report(failure) }
  guard isJournal else {
    Log.write(.error, "\(log): not a journal of nnqd")
    return 3
  }
  if !lists {
    print(
      "{\"decisions\":\(run.decisions),\"different\":\(run.differences.count),"
        + "\"without_model\":\(run.withoutModel),\"damaged_bytes\":\(run.damagedBytes)}")
  }
  if run.damagedBytes > 0 {
    Log.write(
      .error,
      "\(log): \(run.damagedBytes) bytes in \(run.damages) places could not be read; "
        + "their decisions are not among the \(run.decisions)")
  }
  return run.differences.isEmpty && run.withoutModel == 0 && run.damagedBytes == 0 ? 0 : 1
}

private func report(_ error: FileError) -> Int32 {
  Log.write(.error, "\(error.path): \(error.reason)")
  return 4
}

extension JournalledDecision {
  fileprivate func line(_ identity: String) -> String {
    let name = String(decoding: device, as: UTF8.self)
    let number = sequence.map { "\($0)" } ?? "null"
    return "{\"device\":\"\(name)\",\"seq\":\(number),\"label\":\(label),\"margin\":\(margin),"
      + "\"score\":\(score),\"model\":\"\(identity.prefix(16))\"}"
  }
}
