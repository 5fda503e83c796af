// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQQuantize
import NNQReference
import NNQState
import NNQTestSupport

/// A model of a task and rows for it, some with readings missing or far outside.
struct SampleState {
  let model: Model
  let layout: StateLayout
  let rows: [[Float]]
  private let inference: Int8Inference
  private let int8: Int8Model

  init(_ kind: ModelTask.Kind, rows count: Int = 200, seed: UInt64 = 5) throws {
    guard let shape = sampleShapes.first(where: { $0.0 == kind }) else {
      preconditionFailure("every task has a shape")
    }
    let float = sampleFloatModel(kind, widths: shape.1, activation: shape.2, seed: seed)
    (int8, _) = try Int8Model.quantizing(float, QuantizationSettings(), calibration: nil)
    model = .int8(int8)
    layout = try StateLayout(model)
    inference = Int8Inference(int8.image)
    var random = TestRandom(seed: seed + 1)
    rows = (0..<count).map { _ in
      float.features.map { feature in
        switch Int.random(in: 0..<20, using: &random) {
        case 0: .nan
        case 1: .greatestFiniteMagnitude
        default: Float(feature.offset + random.normal() * feature.scale)
        }
      }
    }
  }

  /// What the model answers, missing readings taken as the feature's mean.
  func answer(_ row: [Float]) -> (input: [Int16], output: [Int16], verdict: Verdict) {
    let filled = zip(row, int8.features).map { $0.isNaN ? Float($1.offset) : $0 }
    let input = int8.codes(filled[...])
    let output = inference.run(input)
    return (input, output, inference.verdict(input: input, output: output))
  }

  func state(of range: Range<Int>) throws -> ModelState {
    var state = ModelState(layout)
    for row in range { try add(row: row, to: &state) }
    return state
  }

  func add(row: Int, to state: inout ModelState) throws(StateError) {
    let readings = rows[row]
    let answer = answer(readings)
    try state.add(
      readings: readings.span, input: answer.input.span, output: answer.output.span,
      verdict: answer.verdict)
  }
}
