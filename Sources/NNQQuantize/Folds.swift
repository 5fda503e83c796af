// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// The calibration rows cut into contiguous parts, each to be held back once. Rows of one time, day or
/// machine lie together, so that a part stands for what the others did not see: the order of the rows
/// has a meaning.
struct Folds: Sendable {
  struct Part: Sendable {
    /// The rows of all other parts.
    let fitted: CalibrationPass
    let held: CalibrationPass
  }

  let parts: [Part]
  /// All of them.
  let rows: CalibrationPass

  static let count = 4

  /// Multiplications of one recipe on all rows: a search has dozens of recipes and need not weigh each
  /// of them on more rows than tell them apart.
  private static let mostMultiplications = 75_000_000
  private static let leastRows = 256

  /// - Parameter count: of the parts; fewer where a part would have less than two rows.
  init(_ model: FloatModel, _ pass: CalibrationPass, count: Int = Self.count) {
    let pass = Self.thinned(model, pass)
    rows = pass
    let count = min(count, max(pass.rows / 2, 1))
    parts = (0..<count).map { part in
      let span = part * pass.rows / count..<(part + 1) * pass.rows / count
      let held = CalibrationPass(pass, rows: Array(span))
      let others = (0..<pass.rows).filter { !span.contains($0) }
      return Part(fitted: count == 1 ? held : CalibrationPass(pass, rows: others), held: held)
    }
  }

  /// As many rows as a search takes, evenly spread; in their order.
  private static func thinned(_ model: FloatModel, _ pass: CalibrationPass) -> CalibrationPass {
    let products = max(model.layers.reduce(0) { $0 + $1.weights.count }, 1)
    let count = min(pass.rows, max(mostMultiplications / products, leastRows))
    guard count < pass.rows else { return pass }
    return CalibrationPass(pass, rows: (0..<count).map { $0 * pass.rows / count })
  }
}
