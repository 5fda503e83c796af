// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// Writes answers as lines of JSON.
///
/// `{"device":"pump-7","seq":42,"verdict":"imbalance","margin":812,"score":4411,"model":"281a6bca..."}`
struct ReplyText {
  /// `[labels]`, each a JSON string.
  private let labels: [[UInt8]]
  private let kind: ModelTask.Kind
  private let outputs: [FlatImage.Output]
  /// The first 8 bytes of the model's hash.
  let model: UInt64
  /// `,"model":"..."`, the first 16 digits of the model's hash.
  private let modelMember: [UInt8]

  init(_ model: GatewayModel) {
    labels = model.model.task.labels.map(jsonString)
    kind = model.model.task.kind
    outputs = model.model.image.outputs
    self.model = model.shortIdentity
    modelMember = Array(",\"model\":\"\(model.identity.prefix(16))\"".utf8)
  }

  func append(
    _ decision: Decision, of message: Message, isDuplicate: Bool, to bytes: inout [UInt8]
  ) {
    appendSender(of: message, to: &bytes)
    switch kind {
    case .binary, .multiclass, .anomaly:
      bytes.append(text: "\"verdict\":")
      bytes.append(contentsOf: labels[Int(decision.label)])
      bytes.append(text: ",\"margin\":")
      bytes.append(decimal: decision.margin)
      bytes.append(text: ",\"score\":")
      bytes.append(decimal: decision.score)
    case .multilabel:
      let margins = zip(decision.codes, outputs).map { Int64($0) - Int64($1.threshold) }
      appendArray("\"verdict\":[", margins.map { $0 < 0 ? 0 : 1 }, to: &bytes)
      appendArray(",\"margin\":[", margins, to: &bytes)
      appendArray(",\"score\":[", decision.codes, to: &bytes)
    case .regression:
      bytes.append(text: "\"verdict\":[")
      for (index, code) in decision.codes.enumerated() {
        if index > 0 { bytes.append(0x2C) }
        bytes.append(contentsOf: "\(outputs[index].real(code))".utf8)
      }
      bytes.append(0x5D)
      appendArray(",\"score\":[", decision.codes, to: &bytes)
    }
    bytes.append(contentsOf: modelMember)
    if isDuplicate { bytes.append(text: ",\"duplicate\":true") }
    bytes.append(text: "}\n")
  }

  /// `{"device":"pump-7","seq":42,"error":"missing-feature","feature":"rms_x"}`
  static func append(
    _ fault: MessageFault, feature: String?, of message: Message, to bytes: inout [UInt8]
  ) {
    appendSender(of: message, to: &bytes)
    bytes.append(text: "\"error\":\"")
    bytes.append(contentsOf: fault.name.utf8)
    bytes.append(0x22)
    if let feature {
      bytes.append(text: ",\"feature\":")
      bytes.append(contentsOf: jsonString(feature))
    }
    bytes.append(text: "}\n")
  }

  /// `{"device":"pump-7","seq":42,"duplicate":true}`, the answer to a number that was decided, nobody
  /// knows any more how.
  static func appendForgotten(_ message: Message, to bytes: inout [UInt8]) {
    appendSender(of: message, to: &bytes)
    bytes.append(text: "\"duplicate\":true}\n")
  }

  /// A refusal with the device and the number of an answer that this wrote.
  static func appendRefusal(
    _ fault: MessageFault, of answer: ArraySlice<UInt8>, to bytes: inout [UInt8]
  ) {
    // No name of a device holds a quotation mark.
    let members = ["\"verdict\":", "\"duplicate\":"].map { Array($0.utf8) }
    let sender = answer.indices.first { start in
      members.contains { answer[start...].starts(with: $0) }
    }
    bytes += answer[..<(sender ?? answer.startIndex)]
    bytes.append(text: "\"error\":\"")
    bytes.append(contentsOf: fault.name.utf8)
    bytes.append(text: "\"}\n")
  }

  // MARK: -

  private func appendSender(of message: Message, to bytes: inout [UInt8]) {
    Self.appendSender(of: message, to: &bytes)
  }

  private static func appendSender(of message: Message, to bytes: inout [UInt8]) {
    bytes.append(0x7B)
    if !message.device.isEmpty {
      // Its characters need no escape.
      bytes.append(text: "\"device\":\"")
      bytes.append(contentsOf: message.device)
      bytes.append(text: "\",")
    }
    if let sequence = message.sequence {
      bytes.append(text: "\"seq\":")
      bytes.append(decimal: sequence)
      bytes.append(0x2C)
    }
  }

  private func appendArray(
    _ opening: StaticString, _ values: [some BinaryInteger], to bytes: inout [UInt8]
  ) {
    bytes.append(text: opening)
    for (index, value) in values.enumerated() {
      if index > 0 { bytes.append(0x2C) }
      bytes.append(decimal: value)
    }
    bytes.append(0x5D)
  }
}
