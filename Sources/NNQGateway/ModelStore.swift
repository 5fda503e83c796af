// SPDX-License-Identifier: Apache-2.0
import Glibc
package import NNQFiles
import NNQFormat

/// The models that were accepted, and which of them decides, in a folder that a crash does not hurt.
package struct ModelStore: Sendable {
  /// What the state file says.
  package struct State: Equatable, Sendable {
    /// The hash of the model that decides.
    package var live: String
    /// The version in its signature; 0 without one.
    package var version: UInt64 = 0
    /// The hash of the model before it, until the live one is settled.
    package var previous: String?
    /// Hashes of models that were live before or were refused; they are not tried again at a start.
    package var done: [String] = []

    package init(live: String) { self.live = live }
  }

  static let doneLimit = 256
  private let folder: String

  package init(_ folder: String) { self.folder = folder }

  /// The state; nil when there is none.
  ///
  /// - Throws: ``GatewayError`` when it cannot be read or is none.
  package func load() throws(GatewayError) -> State? {
    let path = "\(folder)/live"
    let bytes: [UInt8]
    do throws(FileError) { bytes = try readGivenFile(path, limit: 1 << 20) } catch {
      // A state that cannot be looked at is not taken for none: its models would be removed.
      if error.code == ENOENT { return nil }
      throw .file(error)
    }
    guard let state = State(parsing: String(decoding: bytes, as: UTF8.self)) else {
      throw .badState(file: path)
    }
    return state
  }

  /// Writes the state so that after a crash either the old one or the new one stands.
  package func save(_ state: State) throws(FileError) {
    var kept = state
    kept.done = Array(state.done.suffix(Self.doneLimit))
    try writeFile(Array(kept.text.utf8), to: "\(folder)/live")
  }

  /// Keeps a model's file and its signature under the model's hash.
  package func keep(
    _ bytes: [UInt8], signature: [UInt8]?, identity: String
  ) throws(FileError) {
    let models = "\(folder)/models"
    if unsafe mkdir(models, 0o777) != 0, errno != EEXIST {
      throw FileError(path: models, operation: .open, code: errno)
    }
    if let signature { try writeFile(signature, to: "\(models)/\(identity).sig") }
    try writeFile(bytes, to: path(identity))
  }

  /// Removes the files of models that are neither live nor the one before.
  package func prune(_ state: State) {
    for name in namesOfFiles(in: "\(folder)/models") {
      let identity = name.prefix(64)
      if identity == state.live || identity == state.previous ?? "" { continue }
      // A journal's decisions are reproduced with the models that made them.
      if state.done.suffix(8).contains(String(identity)) { continue }
      _ = unsafe unlink("\(folder)/models/\(name)")
    }
  }

  package func path(_ identity: String) -> String { "\(folder)/models/\(identity).bin" }
}

extension ModelStore.State {
  fileprivate var text: String {
    var text = "nnqd 2\nlive \(live) \(version)\n"
    if let previous { text += "previous \(previous)\n" }
    for identity in done { text += "done \(identity)\n" }
    return text + "end \(Self.checksum(text))\n"
  }

  /// CRC-32C as 8 hexadecimal digits.
  private static func checksum(_ text: some StringProtocol) -> String {
    let digits = String(crc32c(text.utf8), radix: 16)
    return String(repeating: "0", count: 8 - digits.utf8.count) + digits
  }

  /// Reads a state, also one of the first form, which has no checksum; it is written anew at the next
  /// change.
  init?(parsing text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map {
      $0.split(separator: " ").map(String.init)
    }
    guard lines.count >= 4, lines[1].count == 3, lines[1][0] == "live",
      Self.isIdentity(lines[1][1]), let version = UInt64(lines[1][2]),
      lines[lines.count - 1].isEmpty
    else { return nil }
    let last = lines[lines.count - 2]
    switch lines[0] {
    case ["nnqd", "1"]: guard last == ["end"] else { return nil }
    case ["nnqd", "2"]:
      // The last line and its end have 13 bytes.
      guard last == ["end", Self.checksum(text.dropLast(13))] else { return nil }
    default: return nil
    }
    self.init(live: lines[1][1])
    self.version = version
    for words in lines[2..<lines.count - 2] {
      guard words.count == 2, Self.isIdentity(words[1]) else { return nil }
      switch words[0] {
      case "previous" where previous == nil: previous = words[1]
      case "done": done.append(words[1])
      default: return nil
      }
    }
  }

  private static func isIdentity(_ text: String) -> Bool {
    text.utf8.count == 64 && text.utf8.allSatisfy { hexadecimal($0) != nil }
  }
}
