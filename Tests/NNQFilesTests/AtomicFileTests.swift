// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQFiles
import NNQTestSupport
import Testing

@Suite struct AtomicFileTests {
  let folder = TemporaryFolder()

  @Test("leaves nothing behind when it is dropped")
  func dropped() throws {
    do {
      var file = try AtomicFile(folder("a"))
      try file.write([UInt8](repeating: 1, count: 200_000))
      #expect(folder.names.count == 1)
    }
    #expect(folder.names == [])
  }

  @Test("keeps the old file until it commits, then replaces it whole")
  func replaced() throws {
    let path = folder.put(Array("old and longer".utf8), in: "a")
    unsafe chmod(path, 0o640)
    var file = try AtomicFile(path)
    try file.write("new".utf8)
    try file.flush()
    #expect(try readFile(path) == Array("old and longer".utf8))
    try file.commit()
    #expect(try readFile(path) == Array("new".utf8))
    #expect(folder.names == ["a"])
    var status = stat()
    unsafe stat(path, &status)
    #expect(status.st_mode & 0o777 == 0o640)
  }

  @Test("two writers of one path do not disturb each other")
  func twoWriters() throws {
    var first = try AtomicFile(folder("a"))
    var second = try AtomicFile(folder("a"))
    try first.write("first".utf8)
    try second.write("second".utf8)
    try first.commit()
    try second.commit()
    #expect(try readFile(folder("a")) == Array("second".utf8))
    #expect(folder.names == ["a"])
  }

  @Test("a link stays and what it leads to is replaced")
  func symbolicLink() throws {
    let path = folder.put([1, 2], in: "a")
    #expect(unsafe symlink(path, folder("link")) == 0)
    try writeFile([3], to: folder("link"))
    #expect(try readFile(path) == [3])
    var status = stat()
    #expect(unsafe lstat(folder("link"), &status) == 0)
    #expect(status.st_mode & S_IFMT == S_IFLNK)
    #expect(folder.names == ["a", "link"])
  }

  @Test("writes a name of the longest legal length")
  func longName() throws {
    let name = String(repeating: "n", count: 255)
    try writeFile([1], to: folder(name))
    #expect(folder.names == [name])
  }

  @Test("an error names the path that was given")
  func noSuchFolder() {
    let path = folder("missing/a")
    #expect(throws: FileError(path: path, operation: .open, code: ENOENT)) {
      try writeFile([1], to: path)
    }
  }

  @Test("refuses a folder that may not be written", .enabled(if: geteuid() != 0, "root may write"))
  func unwritable() {
    unsafe chmod(folder.path, 0o500)
    #expect(throws: FileError(path: folder("a"), operation: .open, code: EACCES)) {
      try writeFile([1], to: folder("a"))
    }
  }

  @Test("a full device is an error that names the path")
  func full() {
    #expect(throws: FileError(path: "/dev/full", operation: .write, code: ENOSPC)) {
      try writeFile([1], to: "/dev/full")
    }
    #expect(FileError(path: "", operation: .write, code: ENOSPC).reason.contains("space"))
  }

  @Test("writes straight to what is not a regular file")
  func device() throws {
    try writeFile([1, 2, 3], to: "/dev/null")
    var status = stat()
    unsafe stat("/dev/null", &status)
    #expect(status.st_mode & S_IFMT == S_IFCHR)
  }

  @Test("does not follow a link planted under a temporary name")
  func plantedLink() throws {
    let victim = folder.put([7], in: "victim")
    unsafe symlink(victim, folder(".nnq-\(getpid())-0.tmp"))
    try writeFile([1], to: folder("a"))
    #expect(try readFile(victim) == [7])
  }
}
