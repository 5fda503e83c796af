// SPDX-License-Identifier: Apache-2.0
public import NNQFormat
import NNQMath

/// Runs a float model in binary32, in a fixed order of summation.
public struct FloatInference: Sendable {
  /// A layer with its weights turned, so that the inner loop runs over outputs: every output still
  /// adds its terms in the order of the inputs, so the sums are those of the plain loop.
  fileprivate struct Layer {
    let outputs: Int
    /// `[inputs][outputs]`
    let columns: [Float]
    let bias: [Float]
    let activation: Activation
  }

  private let features: [Feature]
  private let layers: [Layer]

  public init(_ model: FloatModel) {
    features = model.features
    layers = model.layers.map { layer in
      var columns = [Float](repeating: 0, count: layer.weights.count)
      for row in 0..<layer.outputs {
        for column in 0..<layer.inputs {
          columns[column * layer.outputs + row] = layer.weights[row * layer.inputs + column]
        }
      }
      return Layer(
        outputs: layer.outputs, columns: columns, bias: layer.bias, activation: layer.activation)
    }
  }

  /// The network's input for one row of readings, missing ones already replaced:
  /// `(reading - offset) / scale`, in binary64 and rounded once to binary32.
  public func standardized(_ readings: ArraySlice<Float>) -> [Float] {
    zip(readings, features).map { reading, feature in
      Float((Double(reading) - feature.offset) / feature.scale)
    }
  }

  /// The output of the last layer for one standardized row.
  public func run(_ input: [Float]) -> [Float] { layerOutputs(input).last ?? input }

  /// What each layer hands on for one standardized row.
  public func layerOutputs(_ input: [Float]) -> [[Float]] {
    var values = input
    return layers.map { layer in
      values = layer.run(values)
      return values
    }
  }
}

extension FloatInference.Layer {
  fileprivate func run(_ input: [Float]) -> [Float] {
    var sums = bias
    let outputs = outputs
    unsafe sums.withUnsafeMutableBufferPointer { sums in
      unsafe columns.withUnsafeBufferPointer { columns in
        for (index, value) in input.enumerated() where value != 0 {
          let column = columns.extracting(index * outputs..<(index + 1) * outputs)
          for output in 0..<outputs {
            unsafe sums[output] += value * column[output]
          }
        }
      }
    }
    return sums.map(activation.callAsFunction)
  }
}

extension Activation {
  /// The function's value, computed in binary64 and rounded once.
  public func callAsFunction(_ x: Float) -> Float {
    switch self {
    case .identity: x
    case .relu: max(x, 0)
    case .tanh, .sigmoid: Float(self(Double(x)))
    }
  }

  /// The function's value in binary64.
  public func callAsFunction(_ x: Double) -> Double {
    switch self {
    case .identity: x
    case .relu: max(x, 0)
    case .tanh: PortableMath.tanh(x)
    case .sigmoid: PortableMath.sigmoid(x)
    }
  }
}
