// SPDX-License-Identifier: Apache-2.0
public import NNQFormat

extension ModelState {
  /// Counts one row of an int8 model.
  ///
  /// - Parameters:
  ///   - readings: `[features]` as they came, NaN where one is missing.
  ///   - input: `[features]` input codes, as `Int8` or `Int16` whatever their bits.
  ///   - output: `[outputs]` output codes.
  ///   - verdict: what was decided from them.
  /// - Throws: ``StateError/tooManyRows(limit:)``, with nothing counted.
  @specialized(where Input == Int8, Output == Int8)
  @specialized(where Input == Int8, Output == Int16)
  @specialized(where Input == Int16, Output == Int8)
  @specialized(where Input == Int16, Output == Int16)
  public mutating func add<Input, Output>(
    readings: Span<Float>, input: Span<Input>, output: Span<Output>, verdict: Verdict
  ) throws(StateError)
  where
    Input: FixedWidthInteger & SignedInteger & BitwiseCopyable,
    Output: FixedWidthInteger & SignedInteger & BitwiseCopyable
  {
    guard let widths = layout.widths else {
      preconditionFailure("codes for the state of a float model")
    }
    precondition(input.count == readings.count, "a code for each reading")
    try countReadings(readings)
    let ends = widths.input.ends
    for index in 0..<input.count { clipped[index].add(Int(input[index]), in: ends) }
    countOutput(output, widths.output.ends)
    switch verdict {
    case .label(let label, let margin):
      verdicts[label] &+= 1
      scores.add(Double(margin), to: 0)
    case .flags(let flags, let margins):
      for index in flags.indices {
        verdicts[index] &+= flags[index] ? 1 : 0
        scores.add(Double(margins[index]), to: index)
      }
    case .values:
      for index in 0..<output.count { scores.add(Double(Int(output[index])), to: index) }
    }
  }

  /// Counts one row of a float model.
  ///
  /// - Parameters:
  ///   - readings: `[features]` as they came, NaN where one is missing.
  ///   - floatScores: what ``StateLayout/floatScores(output:values:anomalyScore:)`` gives.
  ///   - label: binary, multiclass, anomaly: the index of the label.
  ///   - flags: multilabel: one a target.
  /// - Throws: ``StateError/tooManyRows(limit:)``, with nothing counted.
  public mutating func add(
    readings: Span<Float>, floatScores: [Double], label: Int? = nil, flags: [Bool] = []
  ) throws(StateError) {
    precondition(layout.widths == nil, "scores for the state of an int8 model")
    precondition(floatScores.count == layout.scores.count, "one score each")
    try countReadings(readings)
    if let label { verdicts[label] &+= 1 }
    for (index, flag) in flags.enumerated() where flag { verdicts[index] &+= 1 }
    // What is not a number is above every edge, so that it shows.
    for (index, score) in floatScores.enumerated() {
      scores.add(score.isNaN ? .infinity : score, to: index)
    }
  }

  private mutating func countReadings(_ readings: Span<Float>) throws(StateError) {
    precondition(readings.count == missing.count, "a reading for each feature")
    guard rows < Self.rowLimit else { throw .tooManyRows(limit: Self.rowLimit) }
    rows &+= 1
    for index in 0..<readings.count {
      let reading = readings[index]
      if reading.isNaN {
        missing[index] &+= 1
      } else {
        features.add(reading, to: index)
      }
    }
  }

  /// Counts codes at an end: those of the score with their index, or any of them where there is one
  /// score for all; then a row counts once.
  @inline(__always)
  private mutating func countOutput<Output: FixedWidthInteger>(
    _ output: Span<Output>, _ ends: (lowest: Int, highest: Int)
  ) {
    let isOneEach = saturated.count == output.count
    var any = ModelState.Ends()
    for index in 0..<output.count {
      let code = Int(output[index])
      if isOneEach {
        saturated[index].add(code, in: ends)
      } else {
        any.add(code, in: ends)
      }
    }
    guard !isOneEach else { return }
    saturated[0].lowest &+= min(any.lowest, 1)
    saturated[0].highest &+= min(any.highest, 1)
  }
}

extension CodeWidth {
  fileprivate var ends: (lowest: Int, highest: Int) {
    self == .eight ? (-128, 127) : (-32_768, 32_767)
  }
}
