// SPDX-License-Identifier: Apache-2.0
import CGateway
import Glibc
import NNQFiles

/// Keeps accepted messages and their decisions on disk: what ``append(_:)`` says it took survives the
/// end of the process and, where the disk keeps its word, of the power.
///
/// Files `journal-00000001.log` and on; each begins with what is known of every device, so that the
/// newest one alone is needed to go on; where its beginning is damaged, the others are read. It goes on
/// in the newest file, too, until that is long enough. Old files go when there are too many.
package final class Journal {
  /// The bytes after which a new file is begun.
  private let fileBytes: Int
  /// How many files are kept.
  private let fileLimit: Int
  private let folder: String
  /// The folder is still the same one, or what else it held is not there.
  private let place: FilePlace?
  private var descriptor: Int32 = -1
  private var number = 0
  private var size = 0
  /// What the devices at the file's beginning take, which says nothing of how much was written.
  private var headBytes = 0
  /// The size at which a new file is tried again, where one could not be begun.
  private var retryAt = 0
  private var model = ""
  /// Since the start: files begun and bytes written.
  package private(set) var filesBegun = 0
  package private(set) var bytesWritten = 0
  package private(set) var failures: UInt64 = 0
  /// Why nothing can be written; 0 while it can.
  package private(set) var trouble: Int32 = 0
  /// The bytes that were no whole record at the start, and how many stretches they made.
  package private(set) var damagedBytes = 0
  package private(set) var damages = 0

  /// Opens the journal of a folder, or begins one, and puts what it knows of devices into `devices`.
  ///
  /// - Throws: ``GatewayError`` when the folder cannot be read or written.
  package init(
    _ folder: String, fileBytes: Int, fileLimit: Int, devices: inout DeviceTable
  ) throws(GatewayError) {
    self.folder = folder
    place = FilePlace(folder)
    self.fileBytes = fileBytes
    self.fileLimit = max(fileLimit, 1)
    let numbers = Self.numbers(in: folder)
    if let newest = numbers.last {
      guard newest < Int.max else { throw .lastJournal(file: Self.path(folder, newest)) }
      number = newest
      do throws(FileError) {
        for number in numbers { try checkGivenFile(Self.path(folder, number)) }
        try recover(numbers, &devices)
      } catch {
        throw .file(error)
      }
    }
    guard descriptor >= 0 || begin(devices) else {
      throw GatewayError(call: "write \(folder)", errno)
    }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// Writes records and waits until they are on disk; false, with nothing of them left in the file,
  /// when that failed or somebody has removed the file.
  package func append(_ records: [UInt8], model identity: String) -> Bool {
    model = identity
    if descriptor >= 0 {
      if write(records), fdatasync(descriptor) == 0 {
        leaveRemoved()
        if descriptor >= 0 {
          size += records.count
          bytesWritten += records.count
          trouble = 0
          return true
        }
      } else {
        trouble = errno
        // What lies behind `size` is not known any more: cut it off, or leave the file for good.
        if ftruncate(descriptor, off_t(size)) != 0 || fdatasync(descriptor) != 0 { leave() }
      }
    }
    failures += 1
    return false
  }

  /// Begins a new file where the present one is long enough or cannot be used. All that `devices`
  /// knows must be on disk. Where that fails, the present file goes on.
  package func advance(_ devices: DeviceTable) {
    if descriptor < 0 {
      if !begin(devices) { trouble = errno }
    } else if size - headBytes >= fileBytes, size >= retryAt, !begin(devices) {
      if retryAt == 0 {
        let reason = unsafe String(cString: strerror(errno))
        Log.write(.error, "\(folder): no new file of the journal: \(reason); the present one grows")
      }
      failures += 1
      retryAt = size + fileBytes / 4
    }
  }

  /// Looks whether the file is still there, and, in trouble, whether there is room again.
  package func look(_ devices: DeviceTable) {
    leaveRemoved()
    guard trouble != 0 else { return }
    if descriptor < 0 {
      if begin(devices) { trouble = 0 }
    } else if gateway_reserve(descriptor, Int64(size), 1 << 16) == 0 || errno == EOPNOTSUPP {
      trouble = 0
    }
  }

  // MARK: -

  private func leave() {
    close(descriptor)
    descriptor = -1
  }

  /// Leaves a file without a name: no start would find what is written to it.
  private func leaveRemoved() {
    var status = stat()
    guard descriptor >= 0, unsafe fstat(descriptor, &status) == 0, status.st_nlink == 0 else {
      return
    }
    leave()
    trouble = ENOENT
    Log.write(.error, "\(Self.path(folder, number)): removed while it was written")
  }

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

  /// Reads the newest file, and all of them where its beginning is damaged; goes on in the newest one
  /// where that may be done.
  private func recover(_ numbers: [Int], _ devices: inout DeviceTable) throws(FileError) {
    var isWhole = try read(number, &devices)
    if !isWhole {
      devices = DeviceTable(limit: devices.limit)
      damagedBytes = 0
      damages = 0
      for old in numbers { isWhole = try read(old, &devices) }
    }
    guard isWhole, size - headBytes < fileBytes else { return }
    let opened = unsafe open(Self.path(folder, number), O_WRONLY | O_CLOEXEC)
    // A file that another process writes is left to it.
    guard opened >= 0, flock(opened, LOCK_EX | LOCK_NB) == 0 else {
      if opened >= 0 { close(opened) }
      return
    }
    descriptor = opened
  }

  /// Takes in what a file says.
  ///
  /// - Returns: whether all devices at its beginning could be read.
  private func read(_ number: Int, _ devices: inout DeviceTable) throws(FileError) -> Bool {
    var reader = try JournalReader(path: Self.path(folder, number), isBrief: true)
    var isWhole = false
    headBytes = 0
    while let record = reader.next() {
      switch record {
      case .model(let identity): model = identity
      case .device(let name, let highest, let seen):
        _ = devices.restore(name, highest: highest, seen: seen)
      case .decision(let decision):
        guard let sequence = decision.sequence, let device = devices.index(of: decision.device),
          devices.arrival(sequence, of: device) == .new
        else { continue }
        devices.mark(sequence, of: device)
        devices.answers.keep(
          decision.decision, model: GatewayModel.short(model), sequence: sequence, device: device)
      case .devicesEnd:
        guard headBytes == 0 else { continue }
        headBytes = reader.position
        isWhole = reader.hasHead && reader.damagedBytes == 0
      }
    }
    if let failure = reader.failure { throw failure }
    size = reader.position
    damagedBytes += reader.damagedBytes
    damages += reader.damages
    return isWhole
  }

  /// Begins a file with all devices in it, which appears only when it is whole.
  private func begin(_ devices: DeviceTable) -> Bool {
    guard number < Int.max else {
      errno = EOVERFLOW
      return false
    }
    guard place != nil, FilePlace(folder) == place else {
      errno = ENOENT
      return false
    }
    let next = number + 1
    let path = Self.path(folder, next)
    // A folder that could not be listed in full hides files; none of them is written over.
    guard unsafe access(path, F_OK) != 0 else {
      errno = EEXIST
      return false
    }
    guard errno == ENOENT else { return false }
    let length: Int
    do throws(FileError) { length = try writeHead(devices, to: path) } catch {
      // A file that stands although its folder could not be synced is not used.
      _ = unsafe unlink(path)
      errno = error.code
      return false
    }
    let opened = unsafe open(path, O_WRONLY | O_CLOEXEC)
    guard opened >= 0 else { return false }
    _ = flock(opened, LOCK_EX | LOCK_NB)
    if descriptor >= 0 { close(descriptor) }
    descriptor = opened
    number = next
    size = length
    headBytes = length
    retryAt = 0
    filesBegun += 1
    for old in Self.numbers(in: folder).dropLast(fileLimit) {
      _ = unsafe unlink(Self.path(folder, old))
    }
    return true
  }

  /// Writes the beginning of a file, a device at a time; returns its length.
  private func writeHead(_ devices: DeviceTable, to path: String) throws(FileError) -> Int {
    var file = try AtomicFile(path)
    var bytes = JournalReader.head
    var length = 0
    func take() throws(FileError) {
      length += bytes.count
      try file.write(bytes)
      bytes.removeAll(keepingCapacity: true)
    }
    for device in 0..<devices.count {
      JournalRecord.append(device: device, of: devices, to: &bytes)
      try take()
    }
    JournalRecord.appendDevicesEnd(to: &bytes)
    if !model.isEmpty { JournalRecord.appendModel(model, to: &bytes) }
    try take()
    try file.commit()
    return length
  }

  private static func path(_ folder: String, _ number: Int) -> String {
    let digits = String(number)
    return
      "\(folder)/journal-\(String(repeating: "0", count: max(0, 8 - digits.count)))\(digits).log"
  }

  /// The numbers of the files, ascending. Only the names that this writes count.
  private static func numbers(in folder: String) -> [Int] {
    namesOfFiles(in: folder).compactMap { name in
      guard name.hasPrefix("journal-"), name.hasSuffix(".log"),
        let number = Int(name.dropFirst(8).dropLast(4)), number > 0,
        path(folder, number) == "\(folder)/\(name)"
      else { return nil }
      return number
    }.sorted()
  }
}
