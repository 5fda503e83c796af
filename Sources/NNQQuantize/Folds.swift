// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import Synchronization

/// The calibration rows cut into contiguous parts, each to be held back once. Rows of one time, day or
/// machine lie together, so that a part stands for what the others did not see: the order of the rows
/// has a meaning.
struct Folds: Sendable {
  struct Part: Sendable {
    /// The rows of all other parts.
    let fitted: CalibrationPass
    let held: CalibrationPass
  }

  var parts: [Part] { cut.made.parts }
  /// All of them.
  var rows: CalibrationPass { cut.made.rows }

  private let cut: Cut

  static let count = 4

  /// Multiplications of one recipe on all rows: a search has dozens of recipes and need not weigh each
  /// of them on more rows than tell them apart.
  private static let mostMultiplications = 75_000_000
  private static let leastRows = 256

  /// - Parameter count: of the parts; fewer where a part would have less than two rows.
  init(_ model: FloatModel, _ pass: CalibrationPass, count: Int = Self.count) {
    cut = Cut {
      let pass = Self.thinned(model, pass)
      let count = min(count, max(pass.rows / 2, 1))
      let parts = (0..<count).map { part in
        let span = part * pass.rows / count..<(part + 1) * pass.rows / count
        let held = CalibrationPass(pass, rows: Array(span))
        let others = (0..<pass.rows).filter { !span.contains($0) }
        return Part(fitted: count == 1 ? held : CalibrationPass(pass, rows: others), held: held)
      }
      return (pass, parts)
    }
  }

  /// The rows and their parts, cut when they are first asked for: many recipes need no choice.
  private final class Cut: Sendable {
    private let make: @Sendable () -> (rows: CalibrationPass, parts: [Part])
    private let known = Mutex<(rows: CalibrationPass, parts: [Part])?>(nil)

    init(_ make: @escaping @Sendable () -> (rows: CalibrationPass, parts: [Part])) {
      self.make = make
    }

    var made: (rows: CalibrationPass, parts: [Part]) {
      known.withLock { known in
        if let known { return known }
        let made = make()
        known = made
        return made
      }
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
