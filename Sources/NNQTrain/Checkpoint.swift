// SPDX-License-Identifier: Apache-2.0
internal import NNQFiles
internal import NNQFormat

/// A training between two passes: resumed, it ends with the bytes that it would have ended with.
///
/// All random numbers follow from the seed and the number of passes, so that none are kept.
public struct Checkpoint: Equatable, Sendable {
  /// One number each that Swift's own types hold exactly.
  struct Progress: Equatable, Sendable {
    var epoch = 0
    var step = 0
    var firstPower = 1.0
    var secondPower = 1.0
    var firstLoss: Double?
    var bestEpoch = 0
    var bestLoss = Double.infinity
  }

  /// `name=value` for each setting that the result depends on.
  var settings: [String]
  /// The SHA-256 of the inputs, the targets and the rows that are fitted.
  var data: [UInt8]
  var progress: Progress
  var best: EpochReport?
  /// Of the network: parameters, then statistics.
  var network: [Float]
  /// Of the best pass, likewise.
  var bestNetwork: [Float]
  /// Of the optimizer.
  var means: [Float]
  var squares: [Float]

  /// The passes that are done.
  public var epoch: Int { progress.epoch }

  private static let magic: [UInt8] = Array("NNQCKPT\n".utf8)
  private static let version: UInt32 = 1
  private static let digestBytes = 32

  /// The most bytes of a file that is read: four times the numbers of the largest network.
  public static let byteLimit = 1 << 29

  /// The bytes of the file, with a SHA-256 of all before at its end.
  public func serialized() -> [UInt8] {
    var writer = ByteWriter()
    writer.append(Self.magic)
    writer.integer(Self.version)
    let text = Array(settings.joined(separator: "\n").utf8)
    writer.integer(UInt32(text.count))
    writer.append(text)
    writer.append(data)
    writer.integer(UInt64(progress.epoch))
    writer.integer(UInt64(progress.step))
    writer.double(progress.firstPower)
    writer.double(progress.secondPower)
    writer.optional(progress.firstLoss)
    writer.integer(UInt64(progress.bestEpoch))
    writer.double(progress.bestLoss)
    writer.integer(UInt8(best == nil ? 0 : 1))
    if let best {
      writer.integer(UInt64(best.epoch))
      writer.double(best.trainLoss)
      writer.optional(best.validationLoss)
      writer.double(best.learningRate)
      let name = Array((best.validationMetric?.name.rawValue ?? "").utf8)
      writer.integer(UInt8(name.count))
      writer.append(name)
      writer.double(best.validationMetric?.value ?? 0)
      writer.integer(Int64(best.onlyClass ?? -1))
    }
    for numbers in [network, bestNetwork, means, squares] {
      writer.integer(UInt32(numbers.count))
      for number in numbers { writer.float(number) }
    }
    var digest = SHA256()
    digest.update(writer.bytes)
    writer.append(digest.digest())
    return writer.bytes
  }

  /// Reads a checkpoint.
  ///
  /// - Throws: ``CheckpointError``. Never traps, for any bytes.
  public init(parsing bytes: [UInt8]) throws(CheckpointError) {
    guard bytes.starts(with: Self.magic) else { throw .notACheckpoint }
    var cursor = CheckpointCursor(bytes: bytes, position: Self.magic.count)
    let version = UInt32(truncatingIfNeeded: try cursor.word(bytes: 4))
    guard version == Self.version else {
      throw .unsupportedVersion(found: version, known: Self.version)
    }
    // Only bytes that were written as they stand are read further.
    let body = bytes.count - Self.digestBytes
    guard body > cursor.position else { throw .damaged }
    var digest = SHA256()
    digest.update(bytes, in: 0..<body)
    guard digest.digest() == Array(bytes[body...]) else { throw .damaged }
    cursor.end = body

    settings = try cursor.text(lengthBytes: 4).split(separator: "\n").map(String.init)
    data = try cursor.take(Self.digestBytes)
    progress = Progress()
    progress.epoch = try cursor.count()
    progress.step = try cursor.count()
    progress.firstPower = try cursor.double()
    progress.secondPower = try cursor.double()
    progress.firstLoss = try cursor.optional()
    progress.bestEpoch = try cursor.count()
    progress.bestLoss = try cursor.double()
    if try cursor.word(bytes: 1) != 0 {
      let epoch = try cursor.count()
      let trainLoss = try cursor.double()
      let validationLoss = try cursor.optional()
      let rate = try cursor.double()
      let name = ValidationMetric.Name(rawValue: try cursor.text(lengthBytes: 1))
      let value = try cursor.double()
      let only = Int(Int64(bitPattern: try cursor.word(bytes: 8)))
      best = EpochReport(
        epoch: epoch, trainLoss: trainLoss, validationLoss: validationLoss,
        validationMetric: name.map { ValidationMetric(name: $0, value: value) },
        learningRate: rate, rowsPerSecond: 0, isBest: true, layers: [],
        onlyClass: only < 0 ? nil : only)
    }
    network = try cursor.floats()
    bestNetwork = try cursor.floats()
    means = try cursor.floats()
    squares = try cursor.floats()
    guard cursor.position == body else { throw .damaged }
  }

  init(
    settings: [String], data: [UInt8], progress: Progress, best: EpochReport?, network: [Float],
    bestNetwork: [Float], means: [Float], squares: [Float]
  ) {
    self.settings = settings
    self.data = data
    self.progress = progress
    self.best = best
    self.network = network
    self.bestNetwork = bestNetwork
    self.means = means
    self.squares = squares
  }

  /// Throws when the checkpoint is not of a training with these settings and data: for a setting that
  /// decides which rows are fitted and how, then for the rows, then for any other setting.
  ///
  /// - Parameter usual: the settings of a training for which nothing is asked. One that an older
  ///   checkpoint does not know was as it is there.
  func check(
    settings asked: [String], usual: [String], data found: [UInt8]
  ) throws(CheckpointError) {
    // Of other rows the settings may differ as well, and other rows are the larger mistake; but where
    // they were prepared otherwise, the same table gives other rows.
    let isPrepared = { (line: String) in Self.ofPreparation.contains(Self.parts(line).name) }
    try check(settings: asked.filter(isPrepared), usual: usual)
    guard data == found else { throw .otherData }
    try check(settings: asked, usual: usual)
    let known = Self.values(asked)
    for line in settings {
      let (name, value) = Self.parts(line)
      guard known[name] != nil else { throw .unknownSetting(name: name, checkpoint: value) }
    }
  }

  private static let ofPreparation = [
    "task", "targets", "validation", "isTimeOrdered", "missingReadings", "seed", "rowShare",
  ]

  private func check(settings asked: [String], usual: [String]) throws(CheckpointError) {
    let then = Self.values(usual).merging(Self.values(settings)) { _, then in then }
    for line in asked {
      let (name, value) = Self.parts(line)
      guard then[name] == value else {
        throw .otherSetting(name: name, checkpoint: then[name] ?? "", asked: value)
      }
    }
  }

  private static func values(_ lines: [String]) -> [String: String] {
    Dictionary(lines.map(parts).map { ($0.name, $0.value) }) { first, _ in first }
  }

  private static func parts(_ line: String) -> (name: String, value: String) {
    let place = line.firstIndex(of: "=") ?? line.endIndex
    return (String(line[..<place]), String(line[place...].dropFirst()))
  }
}

extension ByteWriter {
  /// A number that may be missing, as NaN then.
  fileprivate mutating func optional(_ value: Double?) { double(value ?? .nan) }
}
