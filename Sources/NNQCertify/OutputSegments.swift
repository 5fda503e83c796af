// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQReference

/// What an integer layer hands on for its requantized sum, in segments.
///
/// A *sum* is here what the code stands for before the clamp: `step * (code - zero point)`.
struct OutputSegments: Sendable {
  struct Segment: Sendable {
    /// The sums.
    let sums: Interval
    /// What is handed on for them.
    let outputs: Interval
    /// What is handed on less the float function of the sum.
    let defects: Interval
  }

  let segments: [Segment]

  /// What a layer makes of its requantized codes; of a gate, without its table.
  ///
  /// - Parameters:
  ///   - function: of the float layer.
  ///   - step: what one requantized code stands for.
  ///   - scale: what one code that is handed on stands for, with its zero point.
  init(
    _ layer: FlatImage.Layer, _ function: Activation, step: Double, scale: Double, zeroPoint: Int
  ) {
    let table = layer.operation.kind == .gate ? nil : layer.table
    self.init(
      codes: Int(layer.lowest)...Int(layer.highest), zero: Int(layer.zeroPoint), step: step,
      function,
      table: table.map { table in
        { (code: Int) -> Int in Int(table.code(Int16(code), as: layer.outputWidth)) }
      }, width: layer.requantizedWidth, scale: scale, zeroPoint: zeroPoint)
  }

  /// - Parameters:
  ///   - codes: what the clamp leaves, with the code of 0 and the step.
  ///   - function: a line between its corners where there is no table.
  ///   - table: what is handed on for a code; nil hands on the code.
  ///   - width: of the codes.
  ///   - scale: what one code that is handed on stands for, with its zero point.
  init(
    codes: ClosedRange<Int>, zero: Int, step: Double, _ function: Activation,
    table: ((Int) -> Int)?, width: CodeWidth, scale: Double, zeroPoint: Int
  ) {
    let (lowest, highest) = (codes.lowerBound, codes.upperBound)
    func sum(_ code: Int) -> Double { step * Double(code - zero) }
    func output(_ code: Int) -> Interval {
      let code = table?(code) ?? code + zeroPoint - zero
      return scale * Interval(Double(code - zeroPoint))
    }
    func defect(_ code: Int) -> Interval {
      output(code) - function.values(over: step * Interval(Double(code - zero)))
    }
    // Below and above the clamp the output stays, and the function goes on.
    let far = 0x1p100
    var segments = [
      Segment(sums: Interval(-far, sum(lowest).nextUp), outputs: output(lowest), defects: .all),
      Segment(sums: Interval(sum(highest).nextDown, far), outputs: output(highest), defects: .all),
    ]
    if table == nil {
      // Lines on both sides: no corner of the function lies inside a segment.
      let corners = function.corners.filter { sum(lowest) < $0 && $0 < sum(highest) }
      let ends = [sum(lowest)] + corners + [sum(highest)]
      let gain = scale / step
      for (low, high) in zip(ends, ends.dropFirst()) {
        let sums = Interval(low.nextDown, high.nextUp)
        let defects = [low, high].map { gain * Interval($0) - function.values(over: Interval($0)) }
        // The ends and the gain were rounded.
        let rounding = 0x1p-48 * (1 + gain) * sums.magnitude
        segments.append(
          Segment(
            sums: sums, outputs: (gain * sums).widened(by: rounding),
            defects: defects[0].hull(defects[1]).widened(by: rounding)))
      }
    } else {
      for start in stride(from: lowest, through: highest, by: width == .eight ? 1 : 128) {
        let codes = start...min(start + (width == .eight ? 0 : 127), highest)
        var (outputs, defects) = (output(start), defect(start))
        for code in codes.dropFirst() {
          outputs = outputs.hull(output(code))
          defects = defects.hull(defect(code))
        }
        segments.append(
          Segment(
            sums: Interval(sum(codes.lowerBound).nextDown, sum(codes.upperBound).nextUp),
            outputs: outputs, defects: defects))
      }
    }
    self.segments = segments
  }

  /// What the layer hands on less what the float layer does, for one unit.
  ///
  /// - Parameters:
  ///   - values: the float layer's sums.
  ///   - errors: the integer layer's sums, before the clamp, less those.
  ///   - sums: the integer layer's sums.
  /// - Returns: all differences, and a line along them over the errors.
  func error(
    _ function: Activation, values: Interval, errors: Interval, sums: Interval
  ) -> (Interval, Relaxation) {
    var met: [Met] = []
    var slopes: Interval?
    for segment in segments {
      // A tuple of sum, value and error is met in a segment only when each agrees with the others.
      guard let sum = segment.sums.intersection(sums),
        let value = (sum - errors).intersection(values),
        let error = (sum - value).intersection(errors)
      else { continue }
      let steepness = function.slopes(over: sum.hull(value))
      let defects =
        segment.defects == .all
        ? segment.outputs - function.values(over: sum) : segment.defects
      met.append(
        Met(
          slopes: steepness, defects: defects, error: error,
          direct: segment.outputs - function.values(over: value)))
      slopes = slopes.map { $0.hull(steepness) } ?? steepness
    }
    let slope = slopes?.center ?? 0
    var (all, rest): (Interval?, Interval?)
    for part in met {
      let difference = (part.defects + part.slopes * part.error).tightened(by: part.direct)
      all = all.map { $0.hull(difference) } ?? difference
      let left = (part.defects + (part.slopes - Interval(slope)) * part.error)
        .tightened(by: part.direct - slope * part.error)
      rest = rest.map { $0.hull(left) } ?? left
    }
    // Sums of a model that can be certified meet a segment.
    return (all ?? .all, Relaxation(slope: slope, rest: rest ?? .all))
  }

  private struct Met {
    let slopes: Interval
    let defects: Interval
    let error: Interval
    /// The difference by the ranges of both alone.
    let direct: Interval
  }
}

extension Interval {
  /// Stands for what depends on the unit.
  fileprivate static let all = Interval(-.infinity, .infinity)
}
