// SPDX-License-Identifier: Apache-2.0

/// The first place at which two sides hand on something else: the layer nearest to the input, then
/// the row, then the output.
struct FirstDifference: Equatable {
  /// Counted from 0.
  let layer: Int
  /// Counted from 0.
  let output: Int
  /// Counted from 1.
  let row: Int
  /// The code, or the real value where a side has no codes.
  let first: Double
  let second: Double

  /// - Parameters:
  ///   - first: what the layer hands on, `[outputs]`.
  ///   - row: counted from 1.
  init?(layer: Int, row: Int, _ first: [Double], _ second: [Double]) {
    guard let output = zip(first, second).enumerated().first(where: { $1.0 != $1.1 })?.offset
    else { return nil }
    self.layer = layer
    self.output = output
    self.row = row
    self.first = first[output]
    self.second = second[output]
  }

  /// The first difference within a row, where both sides have the same layers.
  ///
  /// - Parameter limit: layers from this one on are left out.
  init?(_ first: LayerTrace, _ second: LayerTrace, row: Int, before limit: Int) {
    let hasCodes = !first.codes.isEmpty && !second.codes.isEmpty
    for layer in 0..<min(limit, first.values.count) {
      let place =
        hasCodes
        ? FirstDifference(
          layer: layer, row: row, first.codes[layer].map(Double.init),
          second.codes[layer].map(Double.init))
        : FirstDifference(layer: layer, row: row, first.values[layer], second.values[layer])
      if let place {
        self = place
        return
      }
    }
    return nil
  }

  /// The first difference in the answers alone.
  init?(layer: Int, _ first: [Prediction], _ second: [Prediction]) {
    for (row, pair) in zip(first, second).enumerated() {
      let hasCodes = !pair.0.codes.isEmpty && !pair.1.codes.isEmpty
      let place =
        hasCodes
        ? FirstDifference(
          layer: layer, row: row + 1, pair.0.codes.map(Double.init),
          pair.1.codes.map(Double.init))
        : FirstDifference(layer: layer, row: row + 1, pair.0.outputs, pair.1.outputs)
      if let place {
        self = place
        return
      }
    }
    return nil
  }
}
