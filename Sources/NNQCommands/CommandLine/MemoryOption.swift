// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQData
import NNQFiles
import NNQTrain

extension Option {
  static let memory = Option.value(
    "--memory", "SIZE", "Refuse a table that takes more than this, for example 500M or 2G",
    initial: .described("the memory that is available"))
}

extension MemoryLimit {
  /// What rows are read for.
  enum Use {
    /// - Parameter files: whether the readings may go to a file where memory does not hold them.
    case training(files: Bool)
    case checks
    /// - Parameter outputs: of the model.
    case evaluation(outputs: Int)
  }

  /// What `--memory` allows, or the memory that is available; nil where neither is known.
  ///
  /// - Error: an upper bound, as that of ``Trainer/memoryLimit(bytes:files:)``: tables of 0.3 and 1
  ///   million rows of 10 features took from 15 MiB on 130 bytes a row in checks, and 344 in the
  ///   evaluation of one output, whose intervals hold each row's outcomes several times.
  init?(_ arguments: ParsedArguments, for use: Use) throws(Failure) {
    let bytes: Int?
    if let text = arguments.stringIfGiven("--memory") {
      let factors: [Character: Double] = ["K": 0x1p10, "M": 0x1p20, "G": 0x1p30]
      let factor = text.last.flatMap { factors[$0] }
      guard let number = Double(factor == nil ? text[...] : text.dropLast()), number > 0,
        number * (factor ?? 1) <= 0x1p50
      else {
        throw arguments.bad("--memory", text, "is no size", hint: "for example --memory 500M")
      }
      bytes = Int(number * (factor ?? 1))
    } else {
      bytes = Self.available
    }
    guard let bytes else { return nil }
    self =
      switch use {
      case .training(let files): Trainer.memoryLimit(bytes: bytes, files: files)
      case .checks:
        MemoryLimit(bytes: bytes, bytesPerReading: 6, bytesPerRow: 120, fixedBytes: 24 << 20)
      case .evaluation(let outputs):
        MemoryLimit(
          bytes: bytes, bytesPerReading: 6, bytesPerRow: 320 + 40 * outputs,
          fixedBytes: 24 << 20)
      }
  }

  /// What the kernel says is available without swapping, within the limits of a container and of the
  /// process.
  private static var available: Int? {
    var found: [Int] = []
    if let text = try? readFile("/proc/meminfo", limit: 1 << 16) {
      for line in text.split(separator: 0x0A) where line.starts(with: "MemAvailable:".utf8) {
        let digits = line.filter { (0x30...0x39).contains($0) }
        if let kibibytes = Int(String(decoding: digits, as: UTF8.self)), kibibytes < 1 << 40 {
          found.append(kibibytes << 10)
        }
      }
    }
    if let text = try? readFile("/sys/fs/cgroup/memory.max", limit: 64),
      let bytes = Int(String(decoding: text.prefix { $0 != 0x0A }, as: UTF8.self))
    {
      found.append(bytes)
    }
    var space = rlimit()
    if unsafe getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &space) == 0,
      let limit = Int(exactly: space.rlim_cur),
      let pages = try? readFile("/proc/self/statm", limit: 256),
      let taken = Int(String(decoding: pages.prefix { $0 != 0x20 }, as: UTF8.self))
    {
      found.append(max(limit - taken * sysconf(Int32(_SC_PAGESIZE)), 0))
    }
    return found.min()
  }
}
