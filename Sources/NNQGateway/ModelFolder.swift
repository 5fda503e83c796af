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

  /// Nil of a folder, and of what is not there. What is neither a file nor a folder, and a link that leads
  /// nowhere, were meant for a model and are refused as one.
  private static func stamp(_ path: String) -> Stamp? {
    var status = stat()
    if unsafe stat(path, &status) != 0 {
      guard unsafe lstat(path, &status) == 0 else { return nil }
    }
    let kind = status.st_mode & S_IFMT
    guard kind != S_IFDIR else { return nil }
    guard kind == S_IFREG else {
      // Who uses a pipe or a device changes its time.
      return Stamp(
        inode: UInt(status.st_ino), size: 0, seconds: 0, nanoseconds: 0, isReadable: false)
    }
    return Stamp(
      inode: UInt(status.st_ino), size: Int(status.st_size), seconds: Int(status.st_mtim.tv_sec),
      nanoseconds: Int(status.st_mtim.tv_nsec), isReadable: unsafe access(path, R_OK) == 0)
  }
}
