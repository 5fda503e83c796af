// SPDX-License-Identifier: Apache-2.0
internal import NNQLinalg

extension Network {
  /// Brings the gradient of the network's output, the last of the workspace's slopes, back to every
  /// layer.
  func backward(
    _ room: Workspace<Scalar>, rows: Range<Int>, pass: Pass, by method: ProductMethod
  ) {
    // Whether tensor i + 1 already has a gradient, from an addition further on.
    var isStarted = layers.map { _ in false }
    for index in layers.indices.reversed() {
      let layer = layers[index]
      let x = room.values[index][rows: rows]
      let slope = room.slopes[index][rows: rows]
      if layer.operation != .gate {
        let known = layer.keepsArguments ? room.arguments[index] : nil
        slope.values.multiply(
          byDerivativeOf: layer.function,
          from: (known ?? room.values[index + 1])[rows: rows].values)
      }
      if layer.operation == .batchNorm {
        x.batchNormGains(
          NormalizationGains(room.gains(index)), moments: room.columnMoments(index),
          results: slope, adding: false)
      }
      if case .add(let source) = layer.operation, source > 0 {
        let skipped = room.slopes[source - 1][rows: rows].values
        if isStarted[source - 1] {
          skipped.accumulate(slope.values)
        } else {
          skipped.copy(slope.values)
        }
        isStarted[source - 1] = true
      }
      guard index > 0 else { return }
      let before = room.slopes[index - 1][rows: rows]
      let isAdded = isStarted[index - 1]
      if layer.operation == .dense {
        before.setProduct(slope, weights(of: layer), adding: isAdded, by: method)
      } else {
        let target = isAdded ? Block(rows: before.rows, columns: before.columns) : before
        setInputGradient(target, index, slope: slope, room, rows: rows, pass: pass)
        if isAdded { before.values.accumulate(target.values) }
      }
      isStarted[index - 1] = true
    }
  }

  /// The gradient of the inputs of a layer that is not dense.
  private func setInputGradient(
    _ target: Block<Scalar>, _ index: Int, slope: Block<Scalar>, _ room: Workspace<Scalar>,
    rows: Range<Int>, pass: Pass
  ) {
    let layer = layers[index]
    let x = room.values[index][rows: rows]
    switch layer.operation {
    case .dense: preconditionFailure("a dense layer's gradient is a product")
    case .batchNorm:
      target.setBatchNormGradient(
        x: x, gains(of: layer), moments: room.columnMoments(index),
        gradient: NormalizationGains(room.gains(index)), results: slope)
    case .layerNorm:
      target.setLayerNormGradient(
        x: x, gains(of: layer), moments: room.rowMoments(index, rows), results: slope)
    case .gate: target.setGateGradient(layer.function, x: x, results: slope)
    case .add: target.values.copy(slope.values)
    case .dropout(let rate):
      guard case .training(let seed, let step) = pass else {
        target.values.copy(slope.values)
        return
      }
      target.values.setDropout(
        slope.values, rate: rate, key: dropoutKey(seed, step, index),
        first: rows.lowerBound * layer.outputs)
    case .temperature(let temperature):
      target.values.copy(slope.values)
      target.values.scale(by: 1 / temperature)
    case .logSoftmax:
      target.setLogSoftmaxGradient(y: room.values[index + 1][rows: rows], results: slope)
    }
  }
}
