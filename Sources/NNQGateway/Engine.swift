// SPDX-License-Identifier: Apache-2.0
import NNQFormat
package import NNQState

/// Turns messages into answers: reads, looks the sequence number up, decides, counts. It knows nothing
/// of sockets and of time.
package struct Engine {
  package private(set) var model: GatewayModel?
  package var counters = Counters()
  package var devices: DeviceTable
  /// Devices that may send; nil for all.
  package var allowedDevices: Set<[UInt8]>?
  private var figures = Figures()
  package var trial: Trial? {
    get { figures.trial }
    set { figures.trial = newValue }
  }
  package var shadow: Shadow? {
    get { figures.shadow }
    set { figures.shadow = newValue }
  }
  package var statistics: ModelState? { figures.statistics }
  /// Records for the journal since the last ``confirm()``; empty where there is no journal.
  package private(set) var records: [UInt8] = []
  /// The device that the last message named; empty without one.
  package var lastDevice: [UInt8] { message.device }
  private static let textLimit = 8
  private static let heldLimit = 1024
  private static let recordLimit = 1 << 20
  private let keepsRecords: Bool
  private let keepsStatistics: Bool
  /// Whether the last answer must wait until its message is on disk.
  package private(set) var isHeld = false
  /// Answers that wait for the disk.
  package var held: Int { heldDecisions + heldDuplicates }
  /// Whether it is time to put the records on disk: one read may bring more.
  package var isFull: Bool { held >= Self.heldLimit || records.count >= Self.recordLimit }
  private var heldDecisions = 0
  private var heldDuplicates = 0
  /// Whether the last message waits for the disk and is not among the waiting ones yet, because its
  /// answer is written from it.
  private var isLastWaiting = false
  private var message = Message(features: 0)
  private var decision = Decision()
  /// A decision that was made before.
  private var recalled = Decision()
  /// Of the models that decided last, the live one behind the others.
  private var texts: [ReplyText] = []

  package init(
    deviceLimit: Int = 65_536, keepsRecords: Bool = false, keepsStatistics: Bool = false
  ) {
    devices = DeviceTable(limit: deviceLimit)
    self.keepsRecords = keepsRecords
    self.keepsStatistics = keepsStatistics
  }

  /// Makes a model the one that decides from the next message on.
  ///
  /// - Parameter state: what this model met before, when it is known.
  package mutating func use(_ model: GatewayModel, state: ModelState? = nil) {
    self.model = model
    message = model.makeMessage()
    decision = Decision()
    texts.removeAll { $0.model == model.shortIdentity }
    texts = texts.suffix(Self.textLimit - 1) + [ReplyText(model)]
    figures.begin(with: model)
    if keepsRecords { JournalRecord.appendModel(model.identity, to: &records) }
    guard keepsStatistics else { return }
    let layout = try? StateLayout(.int8(model.model))
    figures.statistics =
      state.flatMap { $0.layout == layout ? $0 : nil } ?? layout.map { ModelState($0) }
  }

  /// Takes the model away: messages are refused until there is another one.
  package mutating func withdraw() {
    model = nil
    trial = nil
    figures.statistics = nil
  }

  /// Answers one line, without its end of line.
  package mutating func answer(line: Span<UInt8>, into reply: inout [UInt8]) {
    answer(line: line, device: [], into: &reply)
  }

  /// Answers one line.
  ///
  /// - Parameter device: the device of a message that names none.
  package mutating func answer(line: Span<UInt8>, device: [UInt8], into reply: inout [UInt8]) {
    do throws(MessageFault) {
      begin()
      guard let model else {
        // Who sent it stands in the answer all the same.
        try? read(line, device, nil)
        throw .noModel
      }
      try read(line, device, model.names)
      switch try decide(model) {
      case .decided: texts.last?.append(decision, of: message, isDuplicate: false, to: &reply)
      case .duplicate(let origin):
        if let text = texts.last(where: { $0.model == origin }) {
          text.append(recalled, of: message, isDuplicate: true, to: &reply)
        } else {
          counters.forgotten += 1
          ReplyText.appendForgotten(message, to: &reply)
        }
      }
    } catch {
      figures.trial?.observe(error, line: line)
      refuse(error, into: &reply)
    }
  }

  /// Answers one binary frame whose head is in order.
  package mutating func answer(frame: Span<UInt8>, into reply: inout [UInt8]) {
    do throws(MessageFault) {
      begin()
      guard let model else {
        try? message.read(frame: frame)
        message.faultFeature = nil
        throw .noModel
      }
      try message.read(frame: frame)
      switch try decide(model) {
      case .decided:
        Frame.append(decision, of: message, .new, model: model.shortIdentity, to: &reply)
      case .duplicate(let origin?):
        Frame.append(recalled, of: message, .duplicate, model: origin, to: &reply)
      case .duplicate(nil):
        counters.forgotten += 1
        Frame.append(Decision(), of: message, .forgotten, model: 0, to: &reply)
      }
    } catch {
      figures.trial?.observe(error, frame: frame)
      counters.count(error)
      message.faultFeature = message.faultFeature ?? decision.faultFeature
      Frame.append(error, of: message, to: &reply)
    }
  }

  /// Answers bytes that claim to be one frame.
  package mutating func answer(wholeFrame bytes: Span<UInt8>, into reply: inout [UInt8]) {
    guard Frame.isPlausible(bytes) else { return answer(.badFrame, isFrame: true, into: &reply) }
    answer(frame: bytes, into: &reply)
  }

  /// Answers a message that could not be read at all, or whose answer could not be kept.
  package mutating func answer(
    _ fault: MessageFault, isFrame: Bool = false, into reply: inout [UInt8]
  ) {
    begin()
    message.reset()
    if isFrame {
      counters.count(fault)
      Frame.append(fault, of: message, to: &reply)
    } else {
      refuse(fault, into: &reply)
    }
  }

  /// Forgets the records, which are on disk now, and counts their messages.
  package mutating func confirm() {
    setLastAside()
    if let model { figures.countWaiting(model) }
    devices.confirm()
    forgetHeld()
  }

  /// Forgets the records, which could not be written, and their messages, so that they are new when they
  /// come again.
  package mutating func rollBack() {
    for _ in 0..<held { counters.count(.journal) }
    counters.decisions -= UInt64(heldDecisions)
    counters.duplicates -= UInt64(heldDuplicates)
    isLastWaiting = false
    figures.dropWaiting()
    devices.takeBack()
    forgetHeld()
    // The next record must not stand under another model.
    if let model, keepsRecords { JournalRecord.appendModel(model.identity, to: &records) }
  }

  // MARK: -

  private enum Outcome {
    case decided
    /// The number was decided before, by the model whose hash begins so; nil where that is not known
    /// any more.
    case duplicate(model: UInt64?)
  }

  private mutating func forgetHeld() {
    records.removeAll(keepingCapacity: true)
    heldDecisions = 0
    heldDuplicates = 0
  }

  private mutating func setLastAside() {
    if isLastWaiting { figures.wait(&message, &decision) }
    isLastWaiting = false
  }

  /// Before the next message.
  private mutating func begin() {
    setLastAside()
    decision.faultFeature = nil
    isHeld = false
  }

  private mutating func read(
    _ line: Span<UInt8>, _ device: [UInt8], _ names: FeatureNames?
  ) throws(MessageFault) {
    try message.read(json: line, names)
    if message.device.isEmpty, !device.isEmpty { try message.setDevice(device.span) }
  }

  private mutating func decide(_ model: GatewayModel) throws(MessageFault) -> Outcome {
    if let allowedDevices, !allowedDevices.contains(message.device) { throw .unknownDevice }
    var known: Int?
    if let sequence = message.sequence {
      guard !message.device.isEmpty else { throw .badSequence }
      known = devices.known(message.device)
      if let known {
        switch devices.arrival(sequence, of: known) {
        case .new: break
        case .duplicate: return recall(sequence, of: known)
        case .stale: throw .stale
        }
      } else if devices.count >= devices.limit {
        throw .tooManyDevices
      }
    }
    try model.decide(message, into: &decision)
    counters.decisions += 1
    if let sequence = message.sequence, let device = known ?? devices.index(of: message.device) {
      if keepsRecords {
        devices.take(sequence, of: device, isNew: known == nil)
      } else {
        devices.mark(sequence, of: device)
      }
      devices.answers.keep(
        decision, model: model.shortIdentity, sequence: sequence, device: device)
    }
    if keepsRecords {
      isHeld = true
      isLastWaiting = true
      heldDecisions += 1
      JournalRecord.append(message, decision, to: &records)
    } else {
      figures.observe(message, decision, of: model)
    }
    return .decided
  }

  private mutating func recall(_ sequence: UInt64, of device: Int) -> Outcome {
    counters.duplicates += 1
    // The message that it repeats may be among those that wait for the disk.
    isHeld = heldDecisions > 0
    if isHeld { heldDuplicates += 1 }
    return .duplicate(model: devices.answers.recall(sequence, of: device, into: &recalled))
  }

  private mutating func refuse(_ fault: MessageFault, into reply: inout [UInt8]) {
    counters.count(fault)
    let index = message.faultFeature ?? decision.faultFeature
    let feature = index.flatMap { model?.model.features[$0].name }
    ReplyText.append(fault, feature: feature, of: message, to: &reply)
  }
}
