// SPDX-License-Identifier: Apache-2.0
package import NNQFiles

/// Makes the decisions of a journal's file again.
package struct Replay: Sendable {
  package private(set) var decisions = 0
  /// Decisions that came out otherwise, by their number in the file.
  package private(set) var differences: [Int] = []
  /// Decisions of models that were not given.
  package private(set) var withoutModel = 0
  /// The bytes that belong to no record.
  package private(set) var damagedBytes = 0
  /// The stretches that they make.
  package private(set) var damages = 0
  /// Why the file could not be read to its end.
  package private(set) var failure: FileError?

  package init() {}

  /// - Parameters:
  ///   - model: gives the model with a hash; nil when there is none.
  ///   - visit: is told every decision and the hash of the model that made it.
  /// - Returns: false when it is no journal.
  package mutating func run(
    _ journal: JournalReader, model: (String) -> GatewayModel?,
    visit: (JournalledDecision, String) -> Void
  ) -> Bool {
    var reader = journal
    var identity = ""
    var current: GatewayModel?
    while let record = reader.next() {
      switch record {
      case .model(let next):
        if next != identity { current = model(next) }
        identity = next
      case .decision(let decision):
        decisions += 1
        visit(decision, identity)
        if let current {
          if !Self.agrees(decision, current) { differences.append(decisions) }
        } else {
          withoutModel += 1
        }
      case .device, .devicesEnd: break
      }
    }
    damagedBytes = reader.damagedBytes
    damages = reader.damages
    failure = reader.failure
    return reader.hasHead || reader.position > reader.damagedBytes
  }

  /// Whether the model decides the message as it was decided.
  private static func agrees(_ logged: JournalledDecision, _ model: GatewayModel) -> Bool {
    guard logged.values.count == model.features else { return false }
    var message = model.makeMessage()
    message.form = logged.form
    for (index, value) in logged.values.enumerated() {
      message.isNamed[index] = true
      switch logged.form {
      case .readings: message.readings[index] = Float(bitPattern: value)
      case .counts: message.counts[index] = Int32(bitPattern: value)
      }
    }
    var decision = Decision()
    do throws(MessageFault) { try model.decide(message, into: &decision) } catch { return false }
    return decision.label == logged.label && decision.margin == logged.margin
      && decision.score == logged.score && decision.codes == logged.codes
  }
}
