// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQFiles
import NNQFormat

/// Answers that wait on disk for a broker that is away: first in, first out, within a cap of bytes and
/// of time.
///
/// Records stand in files `spool-N`: `u32` length and `u32` CRC-32C of the rest, `i64` milliseconds on
/// the monotonic clock, `u8` bytes of the device, the device, the answer. A file begins with the
/// identity of the boot: after another boot its records count as written at the start.
package final class Spool {
  package struct Record: Equatable, Sendable {
    package let device: [UInt8]
    package let answer: [UInt8]
  }

  package private(set) var dropped: UInt64 = 0
  package private(set) var expired: UInt64 = 0
  package private(set) var damaged: UInt64 = 0
  package private(set) var stored: UInt64 = 0
  private let folder: String
  private let byteLimit: Int
  private let lifetime: Int64
  private let boot: [UInt8]
  private let started: Int64
  /// The files from the oldest to the newest; the newest one is written.
  private var files: [(number: Int, bytes: Int, records: Int)] = []
  private var output: Int32 = -1
  /// The oldest file while it is read, and where.
  private var reading: [UInt8] = []
  private var position = 0
  private var isReading = false
  private var isOtherBoot = false

  /// Bytes of the file whose checksum was taken in vain, and the most of them.
  private var vain = 0
  private static let vainLimit = 1 << 26

  private static let bootBytes = 36
  /// Before a record's body.
  private static let headBytes = 8
  /// An answer is shorter than this.
  private static let recordLimit = 1 << 20

  /// - Parameter boot: 36 bytes that differ from boot to boot.
  package init(
    _ folder: String, byteLimit: Int, lifetimeMilliseconds: Int64, boot: [UInt8], now: Int64
  ) throws(GatewayError) {
    precondition(boot.count == Self.bootBytes, "the identity of the boot has 36 characters")
    self.folder = folder
    self.byteLimit = byteLimit
    lifetime = lifetimeMilliseconds
    self.boot = boot
    started = now
    if unsafe mkdir(folder, 0o777) != 0, errno != EEXIST {
      throw GatewayError(call: "mkdir \(folder)", errno)
    }
    for name in namesOfFiles(in: folder) {
      guard name.hasPrefix("spool-"), let number = Int(name.dropFirst(6)) else { continue }
      do throws(FileError) { try checkGivenFile("\(folder)/\(name)") } catch { throw .file(error) }
      var status = stat()
      guard unsafe stat("\(folder)/\(name)", &status) == 0 else { continue }
      files.append((number, Int(status.st_size), 0))
    }
    files.sort { $0.number < $1.number }
  }

  deinit { if output >= 0 { close(output) } }

  package var isEmpty: Bool { files.isEmpty }
  package var bytes: Int { files.reduce(0) { $0 + $1.bytes } }

  /// The identity of this boot.
  static func currentBoot() -> [UInt8] {
    let text = (try? readFile("/proc/sys/kernel/random/boot_id", limit: 64)) ?? []
    return Array((text + [UInt8](repeating: 0x30, count: bootBytes)).prefix(bootBytes))
  }

  /// Keeps an answer; drops the oldest file where there is no room.
  package func append(device: [UInt8], answer: [UInt8], now: Int64) {
    var body: [UInt8] = []
    body.append(littleEndian: now)
    body.append(UInt8(truncatingIfNeeded: device.count))
    body += device
    body += answer
    var record: [UInt8] = []
    record.append(littleEndian: UInt32(body.count))
    record.append(littleEndian: crc32c(body))
    record += body
    guard begin(for: record.count), write(record) else {
      dropped += 1
      return
    }
    files[files.count - 1].bytes += record.count
    files[files.count - 1].records += 1
    stored += 1
  }

  /// Takes the oldest answer that is not too old; nil when there is none.
  package func next(now: Int64) -> Record? {
    while true {
      if !isReading {
        guard let oldest = files.first else { return nil }
        // From here on nothing more is written to it.
        if files.count == 1 { seal() }
        reading = (try? readFile(path(oldest.number))) ?? []
        position = Self.bootBytes
        vain = 0
        isReading = true
        isOtherBoot = !reading.starts(with: boot)
      }
      guard let body = body() else {
        removeOldest()
        continue
      }
      let written = isOtherBoot ? started : integer(body)
      // A damaged time may be any number, so that nothing is taken from it.
      guard written >= now - lifetime else {
        expired += 1
        continue
      }
      let deviceBytes = Int(reading[body.lowerBound + 8])
      let start = body.lowerBound + 9
      return Record(
        device: Array(reading[start..<start + deviceBytes]),
        answer: Array(reading[start + deviceBytes..<body.upperBound]))
    }
  }

  // MARK: -

  /// The next whole record's body, passed over. Bytes before it that belong to none are counted as one
  /// answer: how many they were is not known.
  private func body() -> Range<Int>? {
    let begin = position
    while position < reading.count {
      if let body = record() {
        if body.lowerBound - Self.headBytes > begin { damaged += 1 }
        position = body.upperBound
        return body
      }
      position += 1
    }
    if position > begin { damaged += 1 }
    return nil
  }

  /// The body of the record that starts here.
  private func record() -> Range<Int>? {
    let start = position + Self.headBytes
    guard reading.count - start >= 9, vain < Self.vainLimit else { return nil }
    let length = Int(Envelope.word(reading, at: position))
    let device = Int(reading[start + 8])
    guard length >= 9 + device, length <= Self.recordLimit, device <= Message.deviceBytes,
      length <= reading.count - start
    else { return nil }
    guard crc32c(reading[start..<start + length]) == Envelope.word(reading, at: position + 4) else {
      vain += length
      return nil
    }
    return start..<start + length
  }

  private func integer(_ body: Range<Int>) -> Int64 {
    (0..<8).reduce(0) { $0 | Int64(reading[body.lowerBound + $1]) << Int64(8 * $1) }
  }

  private func path(_ number: Int) -> String { "\(folder)/spool-\(number)" }

  /// Makes room for so many bytes and sees that there is a file to write to.
  private func begin(for count: Int) -> Bool {
    while bytes + count + Self.bootBytes > byteLimit, let oldest = files.first {
      dropped += UInt64(max(oldest.records, 1))
      if files.count == 1 { seal() }
      removeOldest()
    }
    if output >= 0, let newest = files.last, newest.bytes < byteLimit / 4 { return true }
    seal()
    let number = (files.last?.number ?? 0) + 1
    output = unsafe open(path(number), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o666)
    guard output >= 0 else { return false }
    files.append((number, Self.bootBytes, 0))
    return write(boot)
  }

  private func seal() {
    if output >= 0 { close(output) }
    output = -1
  }

  private func removeOldest() {
    guard let oldest = files.first else { return }
    _ = unsafe unlink(path(oldest.number))
    files.removeFirst()
    reading = []
    isReading = false
  }

  private func write(_ bytes: [UInt8]) -> Bool {
    // One call: a torn record is found by its checksum, and ends the file.
    let sent = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(output, $0.baseAddress, $0.count) }
    if sent == bytes.count { return true }
    seal()
    return false
  }
}
