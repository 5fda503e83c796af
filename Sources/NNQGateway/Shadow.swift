// SPDX-License-Identifier: Apache-2.0
import NNQFiles
import NNQFormat
import NNQReference

/// A model of any kind that runs beside the live one for good and is only compared with it.
package struct Shadow {
  private enum Runner {
    case float(FloatInference)
    case int8(GatewayModel)
  }

  /// The upper edges of ``distances``, in the unit of the outputs.
  package static let edges: [Double] = (-12...5).map {
    Double(sign: .plus, exponent: $0, significand: 1)
  }

  package private(set) var messages: UInt64 = 0
  /// Decisions that differ from the live model's.
  package private(set) var flips: UInt64 = 0
  /// Messages that it could not decide.
  package private(set) var faults: UInt64 = 0
  /// How far its outputs are from the live ones at most, in real units: counts up to each edge, and
  /// beyond the last.
  package private(set) var distances = [UInt64](repeating: 0, count: edges.count + 1)
  package private(set) var distanceSum = 0.0

  /// SHA-256 of the file's bytes.
  let digest: [UInt8]
  private let runner: Runner
  private let features: [Feature]
  private let task: ModelTask
  private var decision = Decision()
  private var message: Message

  /// - Throws: ``ModelRefusal`` for a flat image, which knows no features.
  package init(_ bytes: [UInt8], name: String) throws(ModelRefusal) {
    let model: Model
    do throws(ModelFormatError) { model = try Model(parsing: bytes) } catch { throw .format(error) }
    switch model {
    case .float(let float):
      runner = .float(FloatInference(float))
      features = float.features
      task = float.task
    case .int8:
      let own = try GatewayModel(bytes, name: name)
      runner = .int8(own)
      features = own.model.features
      task = own.model.task
    case .image: throw .notInt8
    }
    message = Message(features: features.count)
    var hash = SHA256()
    hash.update(bytes)
    digest = hash.digest()
  }

  /// Reads a shadow's file; nil without one.
  static func read(_ path: String?) throws(GatewayError) -> Shadow? {
    guard let path else { return nil }
    let bytes: [UInt8]
    do throws(FileError) { bytes = try readModelFile(path) } catch { throw .file(error) }
    do throws(ModelRefusal) { return try Shadow(bytes, name: path) } catch {
      throw .model(file: path, error)
    }
  }

  /// Decides a message that the live model has decided. Features are matched by name.
  mutating func observe(_ source: Message, _ live: Decision, of liveModel: GatewayModel) {
    messages += 1
    guard task.kind == liveModel.model.task.kind, take(source, liveModel) else {
      faults += 1
      return
    }
    let outputs: [Double]
    let label: Int?
    let flags: [UInt8]
    switch runner {
    case .float(let inference):
      let input = inference.standardized(message.readings[...])
      let output = inference.run(input)
      let prediction = task.prediction(input: input, output: output)
      label = prediction.label
      flags = prediction.flags.map { $0 ? 1 : 0 }
      outputs = task.kind == .regression ? prediction.values : output.map(Double.init)
    case .int8(let model):
      do throws(MessageFault) { try model.decide(message, into: &decision) } catch {
        faults += 1
        return
      }
      label = decision.label < 0 ? nil : Int(decision.label)
      flags = decision.flags
      outputs = zip(decision.codes, model.model.image.outputs).map { $1.real($0) }
    }
    let liveTask = liveModel.model.task
    let liveLabel = live.label < 0 ? nil : liveTask.labels[Int(live.label)]
    if label.map({ task.labels[$0] }) != liveLabel || flags != live.flags { flips += 1 }
    add(outputs, zip(live.codes, liveModel.model.image.outputs).map { $1.real($0) })
  }

  // MARK: -

  /// The readings in its own order, missing ones replaced; false when one is not there.
  private mutating func take(_ source: Message, _ live: GatewayModel) -> Bool {
    var guess = 0
    for (index, feature) in features.enumerated() {
      let name = Array(feature.name.utf8)
      guard let origin = live.names.find(name.span, guess: guess) else { return false }
      guess = origin + 1
      var reading =
        source.form == .counts
        ? live.reading(ofCount: source.counts[origin], feature: origin) : source.readings[origin]
      if reading.isNaN, let replacement = feature.replacement { reading = Float(replacement) }
      guard !reading.isNaN else { return false }
      message.readings[index] = reading
    }
    return true
  }

  private mutating func add(_ own: [Double], _ live: [Double]) {
    let distance = zip(own, live).reduce(0.0) { max($0, abs($1.0 - $1.1)) }
    distances[Self.edges.firstIndex { distance <= $0 } ?? Self.edges.count] += 1
    if distance.isFinite { distanceSum += distance }
  }
}
