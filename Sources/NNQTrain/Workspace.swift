// SPDX-License-Identifier: Apache-2.0
internal import NNQLinalg

/// The room that passes over a batch need, for all of its rows.
struct Workspace<Scalar: Real>: Sendable {
  /// The most rows that there is room for.
  let rows: Int
  /// The values of tensor i; tensor 0 is the network's input.
  let values: [Block<Scalar>]
  /// What goes into the activation of layer i, where the way back needs it.
  let arguments: [Block<Scalar>?]
  /// The moments of a normalization: one a row for a layer norm, one a column for a batch norm.
  let moments: [NormalizationMoments<Scalar>?]
  /// The variance of the columns of a batch norm.
  let variances: [Vector<Scalar>?]
  /// The gradient of the gains of a batch norm, which that of its inputs needs.
  let batchGains: [Vector<Scalar>?]
  /// The gradient of tensor i + 1, which the way back turns into that of what layer i computes
  /// before its activation; empty where there is no way back.
  let slopes: [Block<Scalar>]

  /// - Parameter goesBack: whether gradients are to be had.
  init(_ architecture: Architecture, rows: Int, goesBack: Bool) {
    self.rows = rows
    let layers = architecture.layers
    values = (0...layers.count).map {
      Block(rows: rows, columns: architecture.width(ofTensor: $0))
    }
    arguments = layers.map {
      goesBack && $0.keepsArguments ? Block(rows: rows, columns: $0.outputs) : nil
    }
    moments = layers.map { layer in
      let count: Int
      switch layer.operation {
      case .layerNorm: count = rows
      case .batchNorm: count = layer.outputs
      default: return nil
      }
      return NormalizationMoments(mean: Vector(zeros: count), inverse: Vector(zeros: count))
    }
    variances = layers.map {
      $0.operation == .batchNorm ? Vector(zeros: $0.outputs) : nil
    }
    batchGains = layers.map {
      goesBack && $0.operation == .batchNorm ? Vector(zeros: 2 * $0.outputs) : nil
    }
    slopes = goesBack ? layers.map { Block(rows: rows, columns: $0.outputs) } : []
  }

  /// The moments of rows of a layer norm.
  func rowMoments(_ index: Int, _ rows: Range<Int>) -> NormalizationMoments<Scalar> {
    columnMoments(index)[rows]
  }

  /// The moments of a batch norm.
  func columnMoments(_ index: Int) -> NormalizationMoments<Scalar> {
    guard let found = moments[index] else {
      preconditionFailure("layer \(index) does not normalize")
    }
    return found
  }

  /// Where the gradient of a batch norm's gains is.
  func gains(_ index: Int) -> Vector<Scalar> {
    guard let found = batchGains[index] else {
      preconditionFailure("layer \(index) is no batch norm on its way back")
    }
    return found
  }
}
