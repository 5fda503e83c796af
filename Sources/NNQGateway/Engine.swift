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
  /// A model beside the live one: a candidate, or the one before in case that the live one fails.
  package var trial: Trial?
  package var shadow: Shadow?
  /// What the live model met since it became live; nil where that is not counted.
  package private(set) var statistics: ModelState?
  /// Records for the journal since the last ``confirm()``; empty where there is no journal.
  package private(set) var records: [UInt8] = []
  /// The device that the last message named; empty without one.
  package var lastDevice: [UInt8] { message.device }
  private let keepsRecords: Bool
  private let keepsStatistics: Bool
  /// Whether the last answer must wait until its message is on disk.
  package private(set) var isHeld = false
  /// Answers that wait for the disk.
  package var held: Int { heldDecisions + heldDuplicates }
  private var heldDecisions = 0
  private var heldDuplicates = 0
  /// The sequence numbers that the records stand for, and what was known before each.
  private var unconfirmed: [(device: [UInt8], sequence: UInt64, before: DeviceTable.Memory)] = []
  /// What is counted of messages, as it was before those that wait for the disk.
  private var before: (statistics: ModelState?, trial: Trial?, shadow: Shadow?)?
  private var message = Message(features: 0)
  private var decision = Decision()
  private var text: ReplyText?
  /// The readings of counts, for the statistics.
  private var readings: [Float] = []

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
    text = ReplyText(model)
    readings = [Float](repeating: .nan, count: model.features)
    if keepsRecords { JournalRecord.appendModel(model.identity, to: &records) }
    guard keepsStatistics else { return }
    let layout = try? StateLayout(.int8(model.model))
    statistics = state.flatMap { $0.layout == layout ? $0 : nil } ?? layout.map { ModelState($0) }
  }

  /// Takes the model away: messages are refused until there is another one.
  package mutating func withdraw() {
    model = nil
    trial = nil
    statistics = nil
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
      let model = try ready()
      try message.read(json: line, model.names)
      if message.device.isEmpty, !device.isEmpty { try message.setDevice(device.span) }
      let isDuplicate = try decide(model)
      text?.append(decision, of: message, isDuplicate: isDuplicate, to: &reply)
    } catch {
      trial?.observe(error, line: line)
      refuse(error, into: &reply)
    }
  }

  /// Answers one binary frame whose head is in order.
  package mutating func answer(frame: Span<UInt8>, into reply: inout [UInt8]) {
    do throws(MessageFault) {
      let model = try ready()
      try message.read(frame: frame)
      let isDuplicate = try decide(model)
      Frame.append(
        decision, of: message, isDuplicate: isDuplicate, model: model.shortIdentity, to: &reply)
    } catch {
      trial?.observe(error, frame: frame)
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
    message.reset()
    decision.faultFeature = nil
    isHeld = false
    if isFrame {
      counters.count(fault)
      Frame.append(fault, of: message, to: &reply)
    } else {
      refuse(fault, into: &reply)
    }
  }

  /// Forgets the records, which are on disk now.
  package mutating func confirm() {
    records.removeAll(keepingCapacity: true)
    unconfirmed.removeAll(keepingCapacity: true)
    heldDecisions = 0
    heldDuplicates = 0
    before = nil
  }

  /// Forgets the records, which could not be written, and all that was counted of their messages, so
  /// that they are new when they come again.
  package mutating func rollBack() {
    for entry in unconfirmed.reversed() { devices.takeBack(entry.before) }
    for _ in 0..<held { counters.count(.journal) }
    counters.decisions -= UInt64(heldDecisions)
    counters.duplicates -= UInt64(heldDuplicates)
    if let before { (statistics, trial, shadow) = before }
    confirm()
    // The next record must not stand under another model.
    if let model, keepsRecords { JournalRecord.appendModel(model.identity, to: &records) }
  }

  // MARK: -

  private mutating func ready() throws(MessageFault) -> GatewayModel {
    decision.faultFeature = nil
    isHeld = false
    guard let model else {
      message.reset()
      throw .noModel
    }
    return model
  }

  /// - Returns: whether the sequence number had been answered before.
  private mutating func decide(_ model: GatewayModel) throws(MessageFault) -> Bool {
    var isDuplicate = false
    if let allowedDevices, !allowedDevices.contains(message.device) { throw .unknownDevice }
    if let sequence = message.sequence {
      guard !message.device.isEmpty else { throw .badSequence }
      if let known = devices.known(message.device) {
        switch devices.arrival(sequence, of: known) {
        case .new: break
        case .duplicate: isDuplicate = true
        case .stale: throw .stale
        }
      } else if devices.count >= devices.limit {
        throw .tooManyDevices
      }
    }
    try model.decide(message, into: &decision)
    guard !isDuplicate else {
      counters.duplicates += 1
      isHeld = unconfirmed.contains {
        $0.sequence == message.sequence && $0.device == message.device
      }
      if isHeld { heldDuplicates += 1 }
      return true
    }
    counters.decisions += 1
    if let sequence = message.sequence {
      let memory = devices.mark(sequence, of: message.device)
      if keepsRecords, let memory {
        unconfirmed.append((message.device.map { $0 }, sequence, memory))
      }
    }
    if keepsRecords {
      isHeld = true
      heldDecisions += 1
      if before == nil { before = (statistics, trial, shadow) }
      JournalRecord.append(message, decision, to: &records)
    }
    // Taken out, so that it is changed in place.
    if var state = statistics.take() {
      count(model, in: &state)
      statistics = state
    }
    trial?.observe(message, decision, outputWidth: model.model.image.outputWidth)
    shadow?.observe(message, decision, of: model)
    return false
  }

  private mutating func count(_ model: GatewayModel, in state: inout ModelState) {
    let verdict: Verdict =
      switch model.model.task.kind {
      case .binary, .multiclass, .anomaly: .label(Int(decision.label), margin: decision.margin)
      case .multilabel: .flags(decision.flags.map { $0 != 0 }, margins: decision.margins)
      case .regression: .values
      }
    if message.form == .counts {
      model.readings(ofCounts: message.counts, into: &readings)
      try? state.add(
        readings: readings.span, input: decision.input.span, output: decision.codes.span,
        verdict: verdict)
    } else {
      try? state.add(
        readings: message.readings.span, input: decision.input.span, output: decision.codes.span,
        verdict: verdict)
    }
  }

  private mutating func refuse(_ fault: MessageFault, into reply: inout [UInt8]) {
    counters.count(fault)
    let index = message.faultFeature ?? decision.faultFeature
    let feature = index.flatMap { model?.model.features[$0].name }
    ReplyText.append(fault, feature: feature, of: message, to: &reply)
  }
}
