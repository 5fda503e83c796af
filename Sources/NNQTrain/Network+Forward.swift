// SPDX-License-Identifier: Apache-2.0
internal import NNQFormat
internal import NNQLinalg

/// What a forward pass is for.
enum Pass: Equatable, Sendable {
  /// The network as it is used.
  case use
  /// A training step: dropout draws the numbers of `step`, batch norms take the batch's moments.
  case training(seed: UInt64, step: Int)
}

extension Network {
  /// Computes all tensors of some rows from tensor 0.
  func forward(
    _ room: Workspace<Scalar>, rows: Range<Int>, pass: Pass, by method: ProductMethod
  ) {
    for (index, layer) in layers.enumerated() {
      let x = room.values[index][rows: rows]
      let y = room.values[index + 1][rows: rows]
      // Where the way back asks for the activation's argument, it is kept apart from its value.
      let z = room.arguments[index].map { $0[rows: rows] } ?? y
      switch layer.operation {
      case .dense:
        z.setProduct(x, weights(of: layer), transposed: true, by: method)
        z.addToEachRow(bias(of: layer))
      case .batchNorm:
        z.setBatchNorm(
          x, gains(of: layer), moments: batchMoments(index, layer, room, rows: rows, pass: pass))
      case .layerNorm:
        z.setLayerNorm(
          x, gains(of: layer), epsilon: Self.epsilon, moments: room.rowMoments(index, rows))
      case .gate: y.setGate(layer.function, x)
      case .add(let source): z.values.setSum(x.values, room.values[source][rows: rows].values)
      case .dropout(let rate):
        if case .training(let seed, let step) = pass {
          y.values.setDropout(
            x.values, rate: rate, key: dropoutKey(seed, step, index),
            first: rows.lowerBound * layer.outputs)
        } else {
          y.values.copy(x.values)
        }
      case .logSoftmax: y.setLogSoftmax(x)
      case .temperature(let temperature):
        y.values.copy(x.values)
        y.values.scale(by: 1 / temperature)
      }
      if layer.activation != .identity, layer.operation != .gate {
        y.values.setValues(of: layer.function, at: z.values)
      } else if room.arguments[index] != nil {
        y.values.copy(z.values)
      }
    }
  }

  /// The moments that a batch norm uses: in training those of the batch, which also move the
  /// running ones.
  private func batchMoments(
    _ index: Int, _ layer: LayerPlan, _ room: Workspace<Scalar>, rows: Range<Int>, pass: Pass
  ) -> NormalizationMoments<Scalar> {
    let moments = room.columnMoments(index)
    let running = statistics[layer.statistics]
    let width = layer.outputs
    let batch = room.variances[index] ?? moments.inverse
    if case .training = pass {
      room.values[index][rows: rows].columnMoments(mean: moments.mean, variance: batch)
      let share = Scalar(Self.statisticsShare)
      // The running variance is that of all rows, of which the batch is a sample.
      let sample = Scalar(rows.count) / Scalar(max(rows.count - 1, 1))
      for column in 0..<width {
        running[column] += share * (moments.mean[column] - running[column])
        running[width + column] += share * (sample * batch[column] - running[width + column])
      }
    } else {
      moments.mean.copy(running[0..<width])
      batch.copy(running[width..<(2 * width)])
    }
    for column in 0..<width {
      moments.inverse[column] = 1 / (batch[column] + Scalar(Self.epsilon)).squareRoot()
    }
    return moments
  }

  /// The stream of random numbers of one layer in one step.
  func dropoutKey(_ seed: UInt64, _ step: Int, _ index: Int) -> UInt32 {
    var word = seed ^ UInt64(truncatingIfNeeded: step) &* 0x9E37_79B9_7F4A_7C15
    word ^= UInt64(index) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
    return UInt32(truncatingIfNeeded: word >> 32)
  }
}
