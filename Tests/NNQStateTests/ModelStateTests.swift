// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQReference
import NNQTestSupport
import Testing

@testable import NNQState

@Suite struct ModelStateTests {
  @Test("every counter equals a plain count over the rows", arguments: ModelTask.Kind.allCases)
  func oracle(kind: ModelTask.Kind) throws {
    let sample = try SampleState(kind)
    let state = try sample.state(of: 0..<sample.rows.count)
    let answers = sample.rows.map(sample.answer)
    #expect(state.rows == UInt64(sample.rows.count))
    for (index, quantity) in sample.layout.features.enumerated() {
      let values = sample.rows.map { $0[index] }
      #expect(state.missing[index] == UInt64(values.count { $0.isNaN }))
      #expect(state.bins(ofFeature: index) == count(values.map(Double.init), quantity))
      let codes = answers.map { Int($0.input[index]) }
      let range = try #require(sample.layout.widths).input.range
      #expect(state.clipped[index].lowest == UInt64(codes.count { $0 == range.lowerBound }))
      #expect(state.clipped[index].highest == UInt64(codes.count { $0 == range.upperBound }))
    }
    #expect(state.clipped.contains { $0.highest > 0 })
    for (index, quantity) in sample.layout.scores.enumerated() {
      let values = answers.map { answer in
        switch answer.verdict {
        case .label(_, let margin): Double(margin)
        case .flags(_, let margins): Double(margins[index])
        case .values: Double(answer.output[index])
        }
      }
      #expect(state.bins(ofScore: index) == count(values, quantity))
    }
    for index in sample.layout.verdicts.indices {
      let hits = answers.count { answer in
        switch answer.verdict {
        case .label(let label, _): label == index
        case .flags(let flags, _): flags[index]
        case .values: false
        }
      }
      #expect(state.verdicts[index] == UInt64(hits))
    }
  }

  /// The bins found by asking every edge about every value.
  private func count(_ values: [Double], _ quantity: StateQuantity) -> [UInt64] {
    var bins = [UInt64](repeating: 0, count: quantity.bins)
    for value in values where !value.isNaN {
      bins[quantity.edges.count { $0 <= value }] += 1
    }
    return bins
  }

  @Test(
    "any shards merged in any order give the bytes of all rows",
    arguments: 1...6 as ClosedRange<UInt64>)
  func merging(seed: UInt64) throws {
    var random = TestRandom(seed: seed)
    for kind in ModelTask.Kind.allCases {
      let sample = try SampleState(kind, rows: 90, seed: seed)
      let whole = try sample.state(of: 0..<90).serialized()
      var cuts = (0..<4).map { _ in Int.random(in: 0...90, using: &random) }
      cuts = ([0, 90] + cuts).sorted()
      var shards = try zip(cuts, cuts.dropFirst()).map { try sample.state(of: $0..<$1) }
      shards.shuffle(using: &random)
      while shards.count > 1 {
        let last = try ModelState(parsing: shards.removeLast().serialized())
        try shards[Int.random(in: shards.indices, using: &random)].merge(last)
      }
      #expect(try shards[0].serialized() == whole)
    }
  }

  @Test("another model, other features and other bins are refused with the fact")
  func strangers() throws {
    let sample = try SampleState(.binary)
    var state = try sample.state(of: 0..<10)
    let before = state
    let other = try SampleState(.binary, seed: 6)
    #expect(
      throws: StateError.otherModel(found: other.layout.model, expected: sample.layout.model)
    ) { try state.merge(try other.state(of: 0..<10)) }
    let layout = sample.layout
    func variant(digest: String, edges: [Double]) -> ModelState {
      ModelState(
        StateLayout(
          model: layout.model, featureDigest: digest, task: layout.task, widths: layout.widths,
          features: layout.features, scores: [StateQuantity(name: "margin", edges: edges)],
          verdicts: layout.verdicts))
    }
    let zeros = String(repeating: "0", count: 64)
    #expect(
      throws: StateError.otherFeatures(found: zeros, expected: layout.featureDigest)
    ) { try state.merge(variant(digest: zeros, edges: layout.scores[0].edges)) }
    #expect(throws: StateError.otherBins) {
      try state.merge(variant(digest: layout.featureDigest, edges: [1, 2]))
    }
    #expect(state == before)
  }

  @Test("the cap on rows is an error of add and merge, and nothing is counted")
  func overflow() throws {
    let sample = try SampleState(.regression)
    var full = try sample.state(of: 0..<1)
    for _ in 0..<61 { try full.merge(full) }
    var most = full
    try most.merge(full)
    #expect(most.rows == ModelState.rowLimit)
    #expect(throws: StateError.tooManyRows(limit: ModelState.rowLimit)) { try most.merge(full) }
    #expect(throws: StateError.tooManyRows(limit: ModelState.rowLimit)) {
      try sample.add(row: 0, to: &most)
    }
    #expect(try ModelState(parsing: most.serialized()) == most)
  }

  @Test("codes handed over as bytes count like codes in 16 bits")
  func widths() throws {
    let sample = try SampleState(.multiclass)
    let wide = try sample.state(of: 0..<50)
    var narrow = ModelState(sample.layout)
    guard sample.layout.widths?.input == .eight else { return }
    for row in sample.rows[0..<50] {
      let answer = sample.answer(row)
      let input = answer.input.map { Int8($0) }
      try narrow.add(
        readings: row.span, input: input.span, output: answer.output.span, verdict: answer.verdict)
    }
    #expect(narrow == wide)
  }

  @Test(
    "a float model is counted by its logits, scores and values", arguments: ModelTask.Kind.allCases)
  func floatModels(kind: ModelTask.Kind) throws {
    let shape = try #require(sampleShapes.first { $0.0 == kind })
    let model = sampleFloatModel(kind, widths: shape.1, activation: shape.2, seed: 3)
    let layout = try StateLayout(.float(model))
    let inference = FloatInference(model)
    let rows = try #require(model.calibration)
    var state = ModelState(layout)
    for row in 0..<rows.rows {
      let readings = Array(rows.readings[row * model.inputs..<(row + 1) * model.inputs])
      let input = inference.standardized(readings[...])
      let output = inference.run(input)
      let decided = model.task.prediction(input: input, output: output)
      let scores = layout.floatScores(
        output: output.map(Double.init), values: decided.values, anomalyScore: decided.score)
      try state.add(
        readings: readings.span, floatScores: scores, label: decided.label, flags: decided.flags)
    }
    #expect(try ModelState(parsing: state.serialized()) == state)
    #expect(state.bins(ofScore: 0).reduce(0, +) == UInt64(rows.rows))
  }
}
