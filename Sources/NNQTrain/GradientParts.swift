// SPDX-License-Identifier: Apache-2.0

/// The gradient of the parameters, cut into parts that threads compute side by side.
///
/// The cuts follow from the network alone: whoever computes a part does the same additions in the
/// same order, so that the number of threads changes no bit.
struct GradientParts: Sendable {
  struct Part: Sendable {
    let layer: Int
    /// Rows of a dense layer's weights; all columns of a normalization.
    let outputs: Range<Int>
    /// About the time it takes.
    let cost: Int
  }

  let parts: [Part]
  /// What each worker does: ranges of parts.
  let shares: [Range<Int>]

  /// Rows of weights that one product takes: fewer make it slow, more leave a thread idle.
  private static let rowsOfPart = 64
  /// A layer of fewer weights is not cut.
  private static let leastCut = 2048

  init(_ architecture: Architecture, workers: Int) {
    var parts = [Part]()
    for (index, layer) in architecture.layers.enumerated() where !layer.parameters.isEmpty {
      var height = layer.outputs
      if layer.operation == .dense, layer.weightCount >= Self.leastCut, height > 1 {
        height = min((height + 1) / 2, Self.rowsOfPart)
      }
      for start in stride(from: 0, to: layer.outputs, by: height) {
        let end = min(start + height, layer.outputs)
        parts.append(
          Part(layer: index, outputs: start..<end, cost: (end - start) * (layer.inputs + 1)))
      }
    }
    self.parts = parts
    let total = parts.reduce(0) { $0 + $1.cost }
    var shares = [Range<Int>]()
    var done = 0
    var start = 0
    for worker in 1...workers {
      var end = start
      // A part goes to the worker in whose share its middle lies.
      while end < parts.count,
        worker == workers || (2 * done + parts[end].cost) * workers <= 2 * total * worker
      {
        done += parts[end].cost
        end += 1
      }
      shares.append(start..<end)
      start = end
    }
    self.shares = shares
  }
}
