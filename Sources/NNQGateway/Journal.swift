// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQFiles

/// Keeps accepted messages and their decisions on disk: what ``append(_:)`` says it took survives the
/// end of the process and, where the disk keeps its word, of the power.
///
/// Files `journal-00000001.log` and on; each begins with what is known of every device, so that the
/// newest one alone is needed to go on. Old files go when there are too many.
package final class Journal {
  /// The bytes after which a new file is begun.
  private let fileBytes: Int
  /// How many files are kept.
  private let fileLimit: Int
  private let folder: String
  private var descriptor: Int32 = -1
  private var number = 0
  private var size = 0
  private var model = ""
  /// Since the start: files begun and bytes written.
  package private(set) var filesBegun = 0
  package private(set) var bytesWritten = 0
  package private(set) var failures: UInt64 = 0
  /// The bytes at the end of the newest file that were no whole record at the start.
  package private(set) var damagedBytes = 0

  /// Opens the journal of a folder, or begins one, and puts what it knows of devices into `devices`.
  ///
  /// - Throws: ``GatewayError`` when the folder cannot be read or written.
  package init(
    _ folder: String, fileBytes: Int, fileLimit: Int, devices: inout DeviceTable
  ) throws(GatewayError) {
    self.folder = folder
    self.fileBytes = fileBytes
    self.fileLimit = max(fileLimit, 1)
    let numbers = Self.numbers(in: folder)
    if let newest = numbers.last {
      number = newest
      do throws(FileError) {
        recover(try readFile(Self.path(folder, newest)), &devices)
      } catch {
        throw .file(error)
      }
    }
    // A new file after every start: the end of the old one may be torn, and stays as it is.
    guard begin(devices) else { throw GatewayError(call: "write \(folder)", errno) }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// Writes records and waits until they are on disk; false, with nothing of them left in the file,
  /// when that failed.
  package func append(_ records: [UInt8], model identity: String) -> Bool {
    model = identity
    if descriptor >= 0, write(records), fdatasync(descriptor) == 0 {
      size += records.count
      bytesWritten += records.count
      return true
    }
    failures += 1
    // What lies behind `size` is not known any more: cut it off, or leave the file for good.
    if descriptor >= 0, ftruncate(descriptor, off_t(size)) != 0 || fdatasync(descriptor) != 0 {
      close(descriptor)
      descriptor = -1
    }
    return false
  }

  /// Begins a new file where the present one is long enough or cannot be used. All that `devices`
  /// knows must be on disk. Where that fails, the present file goes on.
  package func advance(_ devices: DeviceTable) {
    if descriptor < 0 || size >= fileBytes, !begin(devices) { failures += 1 }
  }

  // MARK: -

  private func write(_ bytes: [UInt8]) -> Bool {
    var done = 0
    while done < bytes.count {
      let sent = unsafe bytes.withUnsafeBytes { memory in
        let rest = unsafe UnsafeRawBufferPointer(rebasing: memory[done...])
        return unsafe pwrite(descriptor, rest.baseAddress, rest.count, off_t(size + done))
      }
      if sent < 0 {
        guard errno == EINTR else { return false }
      } else {
        done += sent
      }
    }
    return true
  }

  private func recover(_ bytes: [UInt8], _ devices: inout DeviceTable) {
    guard var reader = JournalReader(bytes) else {
      damagedBytes = bytes.count
      return
    }
    while let record = reader.next() {
      switch record {
      case .model(let identity): model = identity
      case .device(let name, let highest, let seen):
        _ = devices.restore(name, highest: highest, seen: seen)
      case .decision(let decision):
        guard let sequence = decision.sequence, let device = devices.index(of: decision.device)
        else { continue }
        devices.mark(sequence, of: device)
      case .devicesEnd: break
      }
    }
    damagedBytes = bytes.count - reader.position
  }

  /// Begins a file with all devices in it, which appears only when it is whole.
  private func begin(_ devices: DeviceTable) -> Bool {
    let next = number + 1
    let path = Self.path(folder, next)
    // A folder that could not be listed in full hides files; none of them is written over.
    guard unsafe access(path, F_OK) != 0 else {
      errno = EEXIST
      return false
    }
    guard errno == ENOENT else { return false }
    var bytes = JournalReader.head
    JournalRecord.appendDevices(devices, to: &bytes)
    if !model.isEmpty { JournalRecord.appendModel(model, to: &bytes) }
    do throws(FileError) { try writeFile(bytes, to: path) } catch {
      // A file that stands although its folder could not be synced is not used.
      _ = unsafe unlink(path)
      errno = error.code
      return false
    }
    let opened = unsafe open(path, O_WRONLY | O_CLOEXEC)
    guard opened >= 0 else { return false }
    if descriptor >= 0 { close(descriptor) }
    descriptor = opened
    number = next
    size = bytes.count
    filesBegun += 1
    for old in Self.numbers(in: folder).dropLast(fileLimit) {
      _ = unsafe unlink(Self.path(folder, old))
    }
    return true
  }

  private static func path(_ folder: String, _ number: Int) -> String {
    let digits = String(number)
    return
      "\(folder)/journal-\(String(repeating: "0", count: max(0, 8 - digits.count)))\(digits).log"
  }

  /// The numbers of the files, ascending.
  private static func numbers(in folder: String) -> [Int] {
    namesOfFiles(in: folder).compactMap { name in
      guard name.hasPrefix("journal-"), name.hasSuffix(".log") else { return nil }
      return Int(name.dropFirst(8).dropLast(4))
    }.sorted()
  }
}
