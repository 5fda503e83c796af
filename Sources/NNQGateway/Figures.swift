// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQState

/// What is counted of every decision that is kept: the statistics, and another model beside the live one.
///
/// A decision whose message is not on disk yet waits; only then it counts.
struct Figures {
  /// What the live model met since it became live; nil where that is not counted.
  var statistics: ModelState?
  /// A model beside the live one: a candidate, or the one before in case that the live one fails.
  var trial: Trial?
  var shadow: Shadow?
  /// The first ``count`` wait; those behind are used again.
  private var waiting: [(message: Message, decision: Decision)] = []
  private var count = 0
  /// The readings of counts.
  private var readings: [Float] = []

  /// Forgets what waits and what it was made for.
  mutating func begin(with model: GatewayModel) {
    waiting = []
    count = 0
    readings = [Float](repeating: .nan, count: model.features)
  }

  /// Takes a message and its decision and gives others in their place, whatever they hold.
  mutating func wait(_ message: inout Message, _ decision: inout Decision) {
    if count == waiting.count { waiting.append((Message(features: message.features), Decision())) }
    swap(&waiting[count].message, &message)
    swap(&waiting[count].decision, &decision)
    count += 1
  }

  /// Counts those that wait, in their order.
  mutating func countWaiting(_ model: GatewayModel) {
    guard count > 0 else { return }
    // Taken out, so that nothing of it is copied.
    var all: [(message: Message, decision: Decision)] = []
    swap(&all, &waiting)
    for index in 0..<count { observe(all[index].message, all[index].decision, of: model) }
    swap(&all, &waiting)
    count = 0
  }

  /// Forgets those that wait, which could not be kept.
  mutating func dropWaiting() { count = 0 }

  mutating func observe(_ message: Message, _ decision: Decision, of model: GatewayModel) {
    // Taken out, so that it is changed in place.
    if var state = statistics.take() {
      add(message, decision, of: model, to: &state)
      statistics = state
    }
    trial?.observe(message, decision, outputWidth: model.model.image.outputWidth)
    shadow?.observe(message, decision, of: model)
  }

  // MARK: -

  private mutating func add(
    _ message: Message, _ decision: Decision, of model: GatewayModel, to state: inout ModelState
  ) {
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
}
