// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQMath
import NNQQuantize
import NNQReference

/// Finds the codes in front of a table again, which a model does not keep.
///
/// Each entry of a table bounds the scale that it was made with. Of the scales of binary32 between the
/// bounds, one that gives the table and the factors of all rows is as good as the one that was there.
enum SumScale {
  /// The most scales that are tried.
  private static let limit = 1 << 18

  /// - Parameter taken: the scale of the layer's input; nil where factors need not be exact.
  /// - Returns: Nil for a table of another function than tanh and sigmoid.
  static func step(
    _ layer: FlatImage.Layer, _ dense: FlatImage.Layer.Dense, _ table: FlatImage.Layer.Table,
    taken: Float?, made: CodeStep
  ) -> CodeStep? {
    guard let bounds = bounds(layer, table, made) else { return nil }
    let zeroPoint = Int(layer.zeroPoint)
    var scale = Float(bounds.lowerBound).nextDown
    for _ in 0..<limit where Double(scale) <= bounds.upperBound {
      let step = CodeStep(scale: scale, zeroPoint: zeroPoint, width: table.width)
      let isExact =
        taken.map { taken in
          dense.factors.allSatisfy {
            LayerFactor.weightScale($0, taken, scale, rows: layer.outputs).isExact
          }
        } ?? true
      if isExact, table == codes(layer.activation, step, made) { return step }
      scale = scale.nextUp
    }
    let middle = Float((bounds.lowerBound + bounds.upperBound) / 2)
    return middle.isNormal ? CodeStep(scale: middle, zeroPoint: zeroPoint, width: table.width) : nil
  }

  /// The table as the quantizer and the import of ONNX make it: half up, in binary64.
  private static func codes(
    _ activation: Activation.Kind, _ sums: CodeStep, _ made: CodeStep
  ) -> FlatImage.Layer.Table {
    let function = Activation(activation)
    let values = FlatImage.Layer.Table.codes(sums.width).map { function(sums.affine.real($0)) }
    return FlatImage.Layer.Table(values: values, of: sums.width, in: made.affine)
  }

  /// The scales that every entry of the table allows; the ends are exchanged where none does.
  private static func bounds(
    _ layer: FlatImage.Layer, _ table: FlatImage.Layer.Table, _ made: CodeStep
  ) -> ClosedRange<Double>? {
    let (entries, range): ([Int], ClosedRange<Int>) =
      switch table {
      case .eight(let entries): (entries.map { Int($0) }, CodeWidth.eight.range)
      case .sixteen(let entries): (entries.map { Int($0) }, CodeWidth.sixteen.range)
      }
    // Entries for codes of 8 bits have 8 more bits in a table of 16-bit codes.
    let unit = table.width == .sixteen && made.width == .eight ? 256.0 : 1
    var (low, high) = (0.0, Double.infinity)
    for (code, entry) in zip(FlatImage.Layer.Table.codes(table.width), entries)
    where code != Int(layer.zeroPoint) {
      let values = [-0.5, 0.5].map {
        ((Double(entry) + $0) / unit - Double(made.zeroPoint)) * Double(made.scale)
      }
      guard let least = inverse(layer.activation, values[0]),
        let most = inverse(layer.activation, values[1])
      else { return nil }
      let distance = Double(code - Int(layer.zeroPoint))
      let (from, to) = (
        (entry == range.lowerBound ? -.infinity : least) / distance,
        (entry == range.upperBound ? .infinity : most) / distance
      )
      low = max(low, min(from, to))
      high = min(high, max(from, to))
    }
    guard low > 0, high.isFinite else { return nil }
    return min(low, high)...max(low, high)
  }

  /// The argument that gives a value, infinite beyond the function's range; nil for other functions.
  private static func inverse(_ activation: Activation.Kind, _ value: Double) -> Double? {
    let share: Double
    switch activation {
    case .tanh: share = (1 + value) / 2
    case .sigmoid: share = value
    default: return nil
    }
    if share <= 0 { return -.infinity }
    if share >= 1 { return .infinity }
    let logit = PortableMath.log(share) - PortableMath.log(1 - share)
    return activation == .tanh ? logit / 2 : logit
  }
}
