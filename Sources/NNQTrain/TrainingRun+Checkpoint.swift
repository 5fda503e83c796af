// SPDX-License-Identifier: Apache-2.0
internal import NNQData
internal import NNQFiles
internal import NNQFormat
internal import NNQLinalg

extension TrainingRun {
  /// Where the training stands between two passes.
  func checkpoint(_ identity: TrainingIdentity) -> Checkpoint {
    Checkpoint(
      settings: identity.settings, data: identity.data, progress: progress, best: best,
      network: network.parameters.elements + network.statistics.elements,
      bestNetwork: stopping.best.parameters.elements + stopping.best.statistics.elements,
      means: optimizer.means.elements, squares: optimizer.squares.elements)
  }

  /// Goes on where a checkpoint of the same settings and data stood.
  ///
  /// - Throws: ``CheckpointError/damaged`` when its numbers are not as many as the network's.
  mutating func resume(_ checkpoint: Checkpoint) throws(CheckpointError) {
    let count = network.parameters.count
    let all = count + network.statistics.count
    guard checkpoint.network.count == all, checkpoint.bestNetwork.count == all,
      checkpoint.means.count == count, checkpoint.squares.count == optimizer.squares.count
    else { throw .damaged }
    for (target, numbers) in [
      (network, checkpoint.network), (stopping.best, checkpoint.bestNetwork),
    ] {
      target.parameters.copy(Vector(numbers[..<count]))
      target.statistics.copy(Vector(numbers[count...]))
    }
    optimizer.means.copy(Vector(checkpoint.means))
    optimizer.squares.copy(Vector(checkpoint.squares))
    restore(checkpoint.progress, best: checkpoint.best)
  }
}

/// What a training is of: a checkpoint of another one cannot go on.
struct TrainingIdentity: Sendable {
  /// `name=value`, one a setting.
  let settings: [String]
  /// The SHA-256 of the data as it is trained on.
  let data: [UInt8]

  init(_ prepared: PreparedData, settings: TrainingSettings) {
    self.settings = Self.lines(settings)
    var digest = SHA256()
    for table in [prepared.inputs, prepared.answers] {
      for first in stride(from: 0, to: table.rows, by: Self.rowsAtOnce) {
        let numbers = table.gathered(first..<min(first + Self.rowsAtOnce, table.rows)).elements
        digest.update(Self.bytes(of: numbers.map(\.bitPattern)))
      }
    }
    digest.update(Self.bytes(of: prepared.fitted.map { UInt32(truncatingIfNeeded: $0) }))
    data = digest.digest()
  }

  /// `name=value`, one a setting.
  static func lines(_ settings: TrainingSettings) -> [String] {
    var asked = settings
    // Neither changes a bit of the result; the provenance names the tool and not the training.
    asked.threads = 1
    asked.provenance = Provenance()
    return Mirror(reflecting: asked).children.map { "\($0.label ?? "")=\($0.value)" }
  }

  private static let rowsAtOnce = 1024

  private static func bytes(of words: [UInt32]) -> [UInt8] {
    var bytes = [UInt8]()
    bytes.reserveCapacity(4 * words.count)
    for word in words {
      for shift in stride(from: 0, to: 32, by: 8) {
        bytes.append(UInt8(truncatingIfNeeded: word >> UInt32(shift)))
      }
    }
    return bytes
  }
}
