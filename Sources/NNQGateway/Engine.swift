// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// Turns messages into answers: reads, looks the sequence number up, decides. It knows nothing of
/// sockets and of time.
package struct Engine {
  package private(set) var model: GatewayModel?
  package var counters = Counters()
  package var devices: DeviceTable
  private var message = Message(features: 0)
  private var decision = Decision()
  private var text: ReplyText?

  package init(deviceLimit: Int = 65_536) {
    devices = DeviceTable(limit: deviceLimit)
  }

  /// Makes a model the one that decides from the next message on.
  package mutating func use(_ model: GatewayModel) {
    self.model = model
    message = model.makeMessage()
    text = ReplyText(model)
  }

  /// Answers one line, without its end of line.
  package mutating func answer(line: Span<UInt8>, into reply: inout [UInt8]) {
    do throws(MessageFault) {
      let model = try ready()
      try message.read(json: line, model.names)
      let isDuplicate = try decide(model)
      text?.append(decision, of: message, isDuplicate: isDuplicate, to: &reply)
    } catch {
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
      counters.count(error)
      Frame.append(error, of: message, to: &reply)
    }
  }

  /// Answers a message that could not be read at all.
  package mutating func answer(_ fault: MessageFault, into reply: inout [UInt8]) {
    message.reset()
    refuse(fault, into: &reply)
  }

  // MARK: -

  private mutating func ready() throws(MessageFault) -> GatewayModel {
    guard let model else {
      message.reset()
      throw .noModel
    }
    return model
  }

  /// - Returns: whether the sequence number had been answered before.
  private mutating func decide(_ model: GatewayModel) throws(MessageFault) -> Bool {
    var device: Int?
    var isDuplicate = false
    if let sequence = message.sequence {
      guard !message.device.isEmpty else { throw .badSequence }
      guard let known = devices.index(of: message.device) else { throw .tooManyDevices }
      device = known
      switch devices.arrival(sequence, of: known) {
      case .new: break
      case .duplicate: isDuplicate = true
      case .stale: throw .stale
      }
    }
    try model.decide(&message, into: &decision)
    if isDuplicate {
      counters.duplicates += 1
    } else {
      counters.decisions += 1
      if let device, let sequence = message.sequence { devices.mark(sequence, of: device) }
    }
    return isDuplicate
  }

  private mutating func refuse(_ fault: MessageFault, into reply: inout [UInt8]) {
    counters.count(fault)
    let feature = message.faultFeature.flatMap { model?.model.features[$0].name }
    ReplyText.append(fault, feature: feature, of: message, to: &reply)
  }
}
