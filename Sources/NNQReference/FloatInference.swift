// SPDX-License-Identifier: Apache-2.0
public import NNQFormat

/// Runs a float model in binary32, in a fixed order of summation.
public struct FloatInference: Sendable {
  private struct Layer {
    let operation: FloatOperation
    let activation: Activation
  }

  private let offsets: [Double]
  private let scales: [Double]
  private let layers: [Layer]

  public init(_ model: FloatModel) {
    offsets = model.features.map(\.offset)
    scales = model.features.map(\.scale)
    layers = model.layers.map {
      Layer(operation: FloatOperation($0), activation: $0.activation)
    }
  }

  /// The network's input for one row of readings, missing ones already replaced:
  /// `(reading - offset) / scale`, in binary64 and rounded once to binary32.
  public func standardized(_ readings: ArraySlice<Float>) -> [Float] {
    zip(readings, zip(offsets, scales)).map { reading, map in
      Float((Double(reading) - map.0) / map.1)
    }
  }

  /// ``standardized(_:)`` of many rows.
  ///
  /// - Shape: `rows` is `[rows][features]`, as is the result.
  package func standardizedRows(_ rows: [Float]) -> [Float] {
    let width = offsets.count
    return unsafe [Float](unsafeUninitializedCapacity: rows.count) { made, count in
      unsafe rows.withUnsafeBufferPointer { rows in
        unsafe offsets.withUnsafeBufferPointer { offsets in
          unsafe scales.withUnsafeBufferPointer { scales in
            for start in stride(from: 0, to: rows.count / max(width, 1) * width, by: max(width, 1))
            {
              for index in 0..<width {
                unsafe made[start + index] = Float(
                  (Double(rows[start + index]) - offsets[index]) / scales[index])
              }
            }
          }
        }
      }
      count = rows.count
    }
  }

  /// The output of the last layer for one standardized row.
  public func run(_ input: [Float]) -> [Float] { layerOutputs(input).last ?? input }

  /// What each layer hands on for one standardized row.
  public func layerOutputs(_ input: [Float]) -> [[Float]] {
    var tensors = [input]
    for index in layers.indices {
      tensors.append(values(of: index, for: sums(of: index, tensors)))
    }
    return Array(tensors.dropFirst())
  }

  /// What a layer computes before its activation; of a gate, its input as it is.
  ///
  /// - Parameter tensors: the standardized row and what each layer before this one hands on.
  package func sums(of index: Int, _ tensors: [[Float]]) -> [Float] {
    layers[index].operation.run(tensors[index], tensors)
  }

  /// The outputs of a dense layer; nil for another layer.
  package func denseOutputs(of index: Int) -> Int? { layers[index].operation.denseOutputs }

  /// What a dense layer computes before its activation, for a range of many rows.
  ///
  /// - Shape: `rows` is `[rows][inputs]`, the result `[range][outputs]`.
  package func denseSums(of index: Int, rows: [Float], in range: Range<Int>) -> [Float] {
    layers[index].operation.denseRows(rows, in: range)
  }

  /// What a layer hands on for its sums; those of all layers but a gate may be of many rows.
  package func values(of index: Int, for sums: [Float]) -> [Float] {
    let activation = layers[index].activation
    guard case .gate = layers[index].operation else { return activation.values(sums) }
    let half = sums.count / 2
    return zip(sums[..<half], sums[half...]).map { activation($0) * $1 }
  }
}
