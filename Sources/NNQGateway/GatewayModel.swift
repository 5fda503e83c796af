// SPDX-License-Identifier: Apache-2.0
package import NNQFormat
import NNQRuntime
package import NNQSigning

/// An int8 model that is ready to decide messages, with all the memory that it needs for that.
///
/// One thread at a time uses it: it is made on one and handed to another.
package final class GatewayModel: @unchecked Sendable {
  /// The name of the file, for people.
  package let name: String
  package let model: Int8Model
  /// SHA-256 of the model in 64 hexadecimal digits, as `nnq inspect` prints it.
  package let identity: String
  /// The first 8 bytes of ``identity``, the first one highest.
  let shortIdentity: UInt64
  /// With which it was taken in; nil where none was asked for.
  package internal(set) var signature: ModelSignature?
  let names: FeatureNames
  private let replacements: [Float]
  /// The model's own, without the way through the model.
  private let scales: [Int8Model.Input]
  private let width: CodeWidth
  private var runtime: FirmwareRuntime
  private var input: CodeRow
  private var output: CodeRow

  /// - Parameter memoryLimit: the bytes that the model may need when it is loaded and decides.
  /// - Throws: ``ModelRefusal``. The self-test vectors must give the same bits; a model without any
  ///   is refused.
  package init(
    _ bytes: [UInt8], name: String, memoryLimit: Int = FormatLimit.file
  ) throws(ModelRefusal) {
    let (model, identity, image) = try Self.parse(bytes, memoryLimit)
    do throws(RuntimeFault) {
      runtime = try FirmwareRuntime(image: image)
    } catch {
      throw .runtime(fault: error.name)
    }
    guard let agrees = runtime.selfTest() else { throw .noSelfTest }
    guard agrees else { throw .selfTest }
    self.name = name
    self.model = model
    self.identity = identity
    shortIdentity = Self.short(identity)
    width = model.image.inputWidth
    names = FeatureNames(model.features)
    scales = model.input
    replacements = model.features.map { $0.replacement.map { Float($0) } ?? .nan }
    input = runtime.makeInput()
    output = runtime.makeOutput()
  }

  /// The first 8 bytes of an identity, the first one highest; 0 for none.
  static func short(_ identity: String) -> UInt64 { UInt64(identity.prefix(16), radix: 16) ?? 0 }

  package var features: Int { names.count }

  /// An empty message in this model's order of features.
  package func makeMessage() -> Message { Message(features: features) }

  /// Decides a message; nothing is allocated after the first.
  ///
  /// - Throws: ``MessageFault`` for a missing reading without a replacement, or counts that the model
  ///   does not declare. The decision then names the feature.
  package func decide(
    _ message: Message, into decision: inout Decision
  ) throws(MessageFault) {
    decision.faultFeature = nil
    switch message.form {
    case .readings:
      try quantize(message, &decision)
      input.replace(with: decision.input)
    case .counts:
      try quantizeCounts(message, &decision)
      input.copy(into: &decision.input)
    }
    runtime.run(input, into: &output)
    decode(input, output, into: &decision)
  }

  /// The reading that a count stands for; NaN where the feature declares no counts.
  func reading(ofCount count: Int32, feature index: Int) -> Float {
    guard let rule = model.features[index].counts else { return .nan }
    return Float(rule.unitPerCount * Double(count) + rule.zeroValue)
  }

  func readings(ofCounts counts: [Int32], into readings: inout [Float]) {
    for index in counts.indices {
      readings[index] = reading(ofCount: counts[index], feature: index)
    }
  }

  // MARK: -

  private func quantize(_ message: Message, _ decision: inout Decision) throws(MessageFault) {
    decision.input.removeAll(keepingCapacity: true)
    for index in replacements.indices {
      var reading = message.readings[index]
      if reading.isNaN {
        reading = replacements[index]
        guard !reading.isNaN else {
          decision.faultFeature = index
          throw .missingFeature
        }
      }
      decision.input.append(scales[index].code(reading, width))
    }
  }

  private func quantizeCounts(
    _ message: Message, _ decision: inout Decision
  ) throws(MessageFault) {
    guard runtime.hasCounts else { throw .noCounts }
    if let missing = message.isNamed.firstIndex(of: false) {
      decision.faultFeature = missing
      throw .missingFeature
    }
    _ = runtime.quantize(counts: message.counts, into: &input)
  }

  private func decode(
    _ input: CodeRow, _ output: CodeRow, into decision: inout Decision
  ) {
    output.copy(into: &decision.codes)
    decision.label = -1
    decision.margin = 0
    decision.score = 0
    if let (label, margin) = runtime.label(of: output) {
      decision.label = Int32(label)
      decision.margin = margin
      decision.score = Int64(decision.codes[decision.codes.count == 1 ? 0 : label])
    } else if model.task.kind == .multilabel {
      if decision.flags.count != runtime.outputs {
        decision.flags = [UInt8](repeating: 0, count: runtime.outputs)
        decision.margins = [Int64](repeating: 0, count: runtime.outputs)
      }
      _ = runtime.flags(of: output, into: &decision.flags, margins: &decision.margins)
    } else if model.task.kind == .anomaly {
      decision.score = runtime.score(of: input, output: output) ?? 0
      decision.margin = runtime.scoreThreshold - decision.score
      decision.label = decision.margin < 0 ? 1 : 0
    }
  }

  private static func parse(
    _ bytes: [UInt8], _ memoryLimit: Int
  ) throws(ModelRefusal) -> (Int8Model, identity: String, image: [UInt8]) {
    try checkSize(bytes, memoryLimit)
    do throws(ModelFormatError) {
      let parsed = try Model(parsing: bytes)
      guard case .int8(let model) = parsed else { throw ModelFormatError.missingSection(.image) }
      return (model, try parsed.identity(), try model.image.serialized())
    } catch {
      if error == .missingSection(.image) { throw .notInt8 }
      throw .format(error)
    }
  }

  /// Looks at the length that the header states.
  static func checkCompleteness(_ bytes: [UInt8]) throws(ModelRefusal) {
    guard bytes.count >= Envelope.byteCount else {
      throw .incomplete(stated: Envelope.byteCount, actual: bytes.count)
    }
    let stated = Int(Envelope.word(bytes, at: 8))
    if bytes.starts(with: Envelope.magic), bytes.count < stated {
      throw .incomplete(stated: stated, actual: bytes.count)
    }
  }

  /// Looks at what the header declares, before anything is unpacked.
  private static func checkSize(_ bytes: [UInt8], _ memoryLimit: Int) throws(ModelRefusal) {
    guard bytes.count >= 20, bytes.starts(with: Envelope.magic) else { return }
    // The file, what it unpacks to, the values read from that, and the image with its packed form.
    let unpacked = bytes[4] == Envelope.packed.rawValue ? Int(Envelope.word(bytes, at: 16)) : 0
    let needed = bytes.count + 4 * unpacked
    guard needed <= memoryLimit else { throw .memory(needed: needed, limit: memoryLimit) }
  }
}
