// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// Another int8 model that decides the live messages too, without an answer.
package struct Trial {
  package let model: GatewayModel
  package private(set) var messages = 0
  /// Decisions that differ from the live model's.
  package private(set) var flips = 0
  /// Decisions in which every output code lay at an end of its range: of this model, of the live one.
  package private(set) var saturated = 0
  package private(set) var liveSaturated = 0
  /// Why it could not decide a message that the live model decided.
  package private(set) var fault: MessageFault?
  /// Why the live model refused a message that this one would have answered.
  package private(set) var liveFault: MessageFault?
  private var message: Message
  private var decision = Decision()
  /// For each of its features the one of the live model; nil for one that the live model lacks.
  private let sources: [Int?]
  private let labels: [Int32]
  /// The live model's features that a candidate does not know: a message that names one would be refused.
  private let unknown: [Int]
  /// Whether values without names would be taken for others, or are too many.
  private let isReordered: Bool

  /// Nil when it decides another task, or needs a feature that the live model does not have.
  ///
  /// - Parameter isPrevious: it was live before and may have features that the live model lacks.
  package init?(_ model: GatewayModel, beside live: GatewayModel, isPrevious: Bool = false) {
    let names = live.model.features.map(\.name)
    let sources = model.model.features.map { names.firstIndex(of: $0.name) }
    guard isPrevious || !sources.contains(nil), model.model.task.kind == live.model.task.kind else {
      return nil
    }
    self.model = model
    self.sources = sources
    message = model.makeMessage()
    unknown =
      isPrevious ? [] : live.model.features.indices.filter { !sources.contains($0) }
    isReordered = !isPrevious && names != model.model.features.map(\.name)
    // Its labels as indices of the live model's; -1 for one that the live model does not have.
    labels = model.model.task.labels.map { label in
      Int32(live.model.task.labels.firstIndex(of: label) ?? -1)
    }
  }

  /// Decides a message that the live model has decided.
  mutating func observe(_ source: Message, _ live: Decision, outputWidth: CodeWidth) {
    messages += 1
    if let refusal = refusal(of: source) {
      fault = refusal
      return
    }
    message.form = source.form
    for (index, origin) in sources.enumerated() {
      guard let origin else {
        message.readings[index] = .nan
        message.isNamed[index] = false
        continue
      }
      message.readings[index] = source.readings[origin]
      message.counts[index] = source.counts[origin]
      message.isNamed[index] = source.isNamed[origin]
    }
    do throws(MessageFault) {
      try model.decide(message, into: &decision)
    } catch {
      fault = error
      return
    }
    let label = decision.label < 0 ? -1 : labels[Int(decision.label)]
    if label != live.label || decision.flags != live.flags { flips += 1 }
    if decision.isSaturated(model.model.image.outputWidth) { saturated += 1 }
    if live.isSaturated(outputWidth) { liveSaturated += 1 }
  }

  /// Why a candidate would refuse a message, or take its values for those of other features.
  private func refusal(of source: Message) -> MessageFault? {
    if source.isPositional { return isReordered ? .wrongWidth : nil }
    return unknown.contains { source.isNamed[$0] } ? .unknownFeature : nil
  }

  /// Tries a line that the live model refused.
  mutating func observe(_ fault: MessageFault, line: Span<UInt8>) {
    guard liveFault == nil, fault.dependsOnModel else { return }
    do throws(MessageFault) { try message.read(json: line, model.names) } catch { return }
    noteFault(fault)
  }

  /// Tries a frame that the live model refused.
  mutating func observe(_ fault: MessageFault, frame: Span<UInt8>) {
    guard liveFault == nil, fault.dependsOnModel else { return }
    do throws(MessageFault) { try message.read(frame: frame) } catch { return }
    noteFault(fault)
  }

  private mutating func noteFault(_ fault: MessageFault) {
    do throws(MessageFault) { try model.decide(message, into: &decision) } catch { return }
    liveFault = fault
  }
}

extension Decision {
  /// Whether every output code lies at an end of its range.
  func isSaturated(_ width: CodeWidth) -> Bool {
    let range = width.range
    return codes.allSatisfy { Int($0) == Int(range.lowerBound) || Int($0) == Int(range.upperBound) }
  }
}

extension MessageFault {
  /// Whether another model may answer the same message.
  fileprivate var dependsOnModel: Bool {
    switch self {
    case .unknownFeature, .missingFeature, .noCounts, .wrongWidth, .unknownCategory, .wrongType:
      true
    default: false
    }
  }
}
