// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQMath

extension QuantizationSettings.Ranges {
  /// The range that codes are to cover, before any margin.
  ///
  /// Sixteen bits have room for every value seen, so there all rules but the moving average take the
  /// extremes.
  /// - Parameters:
  ///   - rows: not empty; the value of one place or of all in a tensor.
  ///   - extremes: of the rows.
  func range(
    _ rows: @autoclosure () -> Rows<Float>, extremes: ClosedRange<Double>, width: CodeWidth
  ) -> ClosedRange<Double> {
    switch self {
    case .ema: movingAverage(rows())
    case .percentile where width == .eight: commonValues(rows().values)
    case .mse where width == .eight: leastSquares(rows().values, extremes)
    case .entropy where width == .eight: leastDivergence(rows().values, extremes)
    case .auto, .margin, .minmax, .percentile, .mse, .entropy: extremes
    }
  }
}

/// - Source: Jacob et al. 2018, "Quantization and Training of Neural Networks for Efficient
///   Integer-Arithmetic-Only Inference", section 3.1: exponential moving averages of batches, here of
///   32 rows with a weight of 0.9 on what was before.
private func movingAverage(_ rows: Rows<Float>) -> ClosedRange<Double> {
  var average: ClosedRange<Double>?
  for start in stride(from: 0, to: rows.count, by: 32) {
    let batch = rows.rows(Array(start..<min(start + 32, rows.count))).range
    guard let before = average else {
      average = batch
      continue
    }
    average =
      before.lowerBound * 0.9 + batch.lowerBound * 0.1...before.upperBound * 0.9
      + batch.upperBound * 0.1
  }
  return average ?? 0...0
}

private func commonValues(_ values: [Float]) -> ClosedRange<Double> {
  let sorted = values.sorted()
  guard let last = sorted.indices.last else { return 0...0 }
  let cut = sorted.count / 1_000
  return Double(sorted[min(cut, last)])...Double(sorted[max(last - cut, 0)])
}

/// The fraction of the extremes, in steps of 1/32 down to 1/4, whose codes err least in the mean of
/// squares.
///
/// - Source: Banner et al. 2019, "Post training 4-bit quantization of convolutional networks for
///   rapid-deployment", with the error measured instead of modelled.
private func leastSquares(
  _ values: [Float], _ full: ClosedRange<Double>
) -> ClosedRange<Double> {
  let values = sample(values)
  var best = (range: full, error: Double.infinity)
  for part in stride(from: 32, through: 8, by: -1) {
    let share = Double(part) / 32
    let range = full.lowerBound * share...full.upperBound * share
    let codes = AffineCodes(covering: range, width: .eight)
    let error = values.reduce(0.0) { sum, value in
      let difference = codes.real(codes.code(value)) - value
      return sum + difference * difference
    }
    if error < best.error { best = (range, error) }
  }
  return best.range
}

/// - Source: Migacz 2017, "8-bit Inference with TensorRT": the threshold on the size whose histogram,
///   brought to 128 levels, diverges least from the clipped one. At most 2,048 bins, and so few that
///   one has 32 values in the mean: the noise of emptier ones would be taken for shape.
private func leastDivergence(
  _ values: [Float], _ full: ClosedRange<Double>
) -> ClosedRange<Double> {
  let reach = max(-full.lowerBound, full.upperBound)
  guard reach > 0 else { return full }
  let levels = 128
  let bins = min(max(values.count / 32 / levels, 1), 16) * levels
  var histogram = [Double](repeating: 0, count: bins)
  for value in values where value != 0 {
    histogram[min(Int(abs(Double(value)) / reach * Double(bins)), bins - 1)] += 1
  }
  var best = (bins: bins, divergence: Double.infinity)
  for kept in stride(from: levels, through: bins, by: 16) {
    var clipped = Array(histogram[..<kept])
    clipped[kept - 1] += histogram[kept...].reduce(0, +)
    var divergence = 0.0
    let total = clipped.reduce(0, +)
    let unclipped = histogram[..<kept].reduce(0, +)
    guard total > 0, unclipped > 0 else { continue }
    for level in 0..<levels {
      let span = level * kept / levels..<(level + 1) * kept / levels
      let occupied = span.count { histogram[$0] > 0 }
      guard occupied > 0 else { continue }
      let mean = histogram[span].reduce(0, +) / Double(occupied) / unclipped
      for bin in span where clipped[bin] > 0 {
        let share = clipped[bin] / total
        divergence += share * (PortableMath.log(share) - PortableMath.log(max(mean, 1e-12)))
      }
    }
    if divergence < best.divergence { best = (kept, divergence) }
  }
  let threshold = reach * Double(best.bins) / Double(bins)
  return full.clamped(to: -threshold...threshold)
}

/// At most 65,536 of the values, evenly spread over the sorted ones, so that their order is nothing.
private func sample(_ values: [Float]) -> [Double] {
  let sorted = values.sorted()
  let count = min(sorted.count, 65_536)
  return (0..<count).map { Double(sorted[$0 * sorted.count / count]) }
}
