// SPDX-License-Identifier: Apache-2.0
public import NNQFormat

extension Int8Inference {
  /// The decision for one row, from its input and output codes.
  ///
  /// - Rounding: none; codes and scores are compared as integers. The lowest index wins a tie.
  public func verdict(input: [Int16], output: [Int16]) -> Verdict {
    switch image.task {
    case .binary:
      let margin = Int64(output[0]) - Int64(image.outputs[0].threshold)
      return .label(margin >= 0 ? 1 : 0, margin: margin)
    case .multiclass:
      var best = 0
      for index in output.indices where output[index] > output[best] { best = index }
      let second = output.indices.filter { $0 != best }.map { output[$0] }.max() ?? output[best]
      return .label(best, margin: Int64(output[best]) - Int64(second))
    case .multilabel:
      let margins = zip(output, image.outputs).map { Int64($0) - Int64($1.threshold) }
      return .flags(margins.map { $0 >= 0 }, margins: margins)
    case .regression:
      return .values
    case .anomaly:
      let margin = image.scoreThreshold - score(input: input, output: output)
      return .label(margin < 0 ? 1 : 0, margin: margin)
    }
  }

  /// The squared distance between the input, on the output's scale, and the output; 0 unless the
  /// task is anomaly.
  ///
  /// - Range: at most 65,535 * 65,535^2, so it fits 64 bits.
  public func score(input: [Int16], output: [Int16]) -> Int64 {
    guard let targets = image.score else { return 0 }
    let range = image.outputWidth.range
    let (lowest, highest) = (Int64(range.lowerBound), Int64(range.upperBound))
    var sum: Int64 = 0
    for index in 0..<min(input.count, targets.count, output.count) {
      let target = targets[index]
      let code = Int64(target.origin) + requantize(Int64(input[index]), target.factor)
      let difference = min(max(code, lowest), highest) - Int64(output[index])
      sum += difference * difference
    }
    return sum
  }

  /// The input codes of one row of sensor counts; nil when the image declares none.
  ///
  /// - Shape: `counts` is `[inputs]`. A count outside its declared range is clamped to it.
  public func input(counts: [Int32]) -> [Int16]? {
    guard let rules = image.counts else { return nil }
    let range = image.inputWidth.range
    return zip(counts, rules).map { count, rule in
      let inside = min(max(count, rule.range.lowerBound), rule.range.upperBound)
      let code =
        Int64(rule.zeroPoint) + requantize(Int64(inside) - Int64(rule.offset), rule.factor)
      return Int16(min(max(code, Int64(range.lowerBound)), Int64(range.upperBound)))
    }
  }
}
