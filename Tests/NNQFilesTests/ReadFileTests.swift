// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQFiles
import NNQTestSupport
import Testing

@Suite struct ReadFileTests {
  let folder = TemporaryFolder()

  @Test("reads a file of any size whole", arguments: [0, 1, 65_536, 262_144, 262_145, 1_000_003])
  func whole(count: Int) throws {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    #expect(try readFile(folder.put(bytes, in: "a")) == bytes)
  }

  @Test("returns one byte more than the limit and no more", arguments: [0, 1, 5, 9, 10, 11])
  func limit(limit: Int) throws {
    let path = folder.put([UInt8](repeating: 1, count: 10), in: "a")
    #expect(try readFile(path, limit: limit).count == min(10, limit + 1))
  }

  @Test("a sparse file that states 4 TiB is cut at the limit")
  func sparse() throws {
    let path = folder.put([], in: "a")
    let grown = unsafe truncate(path, 1 << 42)
    guard grown == 0 else { return }
    #expect(try readFile(path, limit: 1000).count == 1001)
  }

  @Test("reads what has no size")
  func proc() throws {
    #expect(try !readFile("/proc/self/status").isEmpty)
  }

  @Test("reads a number of the kernel, which gives all at the first read and nothing more")
  func kernelNumber() throws {
    let text = String(decoding: try readFile("/proc/sys/kernel/pid_max"), as: UTF8.self)
    #expect(try #require(Int(text.dropLast())) >= 32_768 && text.hasSuffix("\n"))
  }

  @Test("a missing file and a folder are errors that name the path")
  func faults() {
    #expect(throws: FileError(path: folder("a"), operation: .open, code: ENOENT)) {
      try readFile(folder("a"))
    }
    #expect(throws: FileError(path: folder.path, operation: .read, code: EISDIR)) {
      try readFile(folder.path)
    }
  }
}
