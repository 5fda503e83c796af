// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQFiles
import NNQFormat

/// The files of a watched folder, and which of them have changed since the last look.
///
/// A file is looked at again when its time, its size or its place on the disk has changed, or those of
/// its signature, which is named like it with `.sig` behind.
struct ModelFolder: Sendable {
  private struct Stamp: Equatable, Sendable {
    var inode: UInt
    var size: Int
    var seconds: Int
    var nanoseconds: Int
    /// A file that could not be read is another one when it can.
    var isReadable: Bool
  }

  private struct Entry: Equatable, Sendable {
    var model: Stamp
    var signature: Stamp?
  }

  let path: String
  private var known: [String: Entry] = [:]

  init(_ path: String) { self.path = path }

  /// The names of files that are new or have changed, the oldest first.
  mutating func changes() -> [String] {
    var changed: [(name: String, stamp: Stamp)] = []
    var present: [String: Entry] = [:]
    for name in namesOfFiles(in: path) where !name.hasSuffix(".sig") {
      guard let stamp = Self.stamp("\(path)/\(name)") else { continue }
      let entry = Entry(model: stamp, signature: Self.stamp("\(path)/\(name).sig"))
      present[name] = entry
      if known[name] != entry { changed.append((name, stamp)) }
    }
    // A file that only has another name now is not new.
    let gone = known.filter { present[$0.key] == nil }.map(\.value)
    changed.removeAll { name, _ in
      known[name] == nil && gone.contains { $0 == present[name] }
    }
    known = present
    changed.sort {
      ($0.stamp.seconds, $0.stamp.nanoseconds, $0.name)
        < ($1.stamp.seconds, $1.stamp.nanoseconds, $1.name)
    }
    return changed.map(\.name)
  }

  private static func stamp(_ path: String) -> Stamp? {
    var status = stat()
    guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Stamp(
      inode: UInt(status.st_ino), size: Int(status.st_size), seconds: Int(status.st_mtim.tv_sec),
      nanoseconds: Int(status.st_mtim.tv_nsec), isReadable: unsafe access(path, R_OK) == 0)
  }
}
