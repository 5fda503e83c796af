// SPDX-License-Identifier: Apache-2.0
import CNNQVector
import NNQFormat

/// What a float layer computes before its activation, ready to run.
enum FloatOperation: Sendable {
  /// Weights turned to `[inputs][outputs]`, so that the inner loop runs over outputs: every output
  /// still adds its terms in the order of the inputs, so the sums are those of the plain loop.
  case dense(columns: [Float], bias: [Float])
  case layerNorm(gamma: [Float], beta: [Float], epsilon: Float)
  case add(source: Int)
  case gate

  init(_ layer: FloatModel.Layer) {
    switch layer.operation {
    case .dense(let weights, let bias):
      var columns = [Float](repeating: 0, count: weights.count)
      for row in 0..<layer.outputs {
        for column in 0..<layer.inputs {
          columns[column * layer.outputs + row] = weights[row * layer.inputs + column]
        }
      }
      self = .dense(columns: columns, bias: bias)
    case .layerNorm(let gamma, let beta, let epsilon):
      self = .layerNorm(gamma: gamma, beta: beta, epsilon: epsilon)
    case .add(let source): self = .add(source: source)
    case .gate: self = .gate
    }
  }

  /// The sums for one row.
  ///
  /// - Parameter tensors: the network's input and what each layer before this one hands on.
  func run(_ input: [Float], _ tensors: [[Float]]) -> [Float] {
    switch self {
    case .dense(let columns, let bias): dense(input, 0..<1, columns, bias)
    case .layerNorm(let gamma, let beta, let epsilon): layerNorm(input, gamma, beta, epsilon)
    case .add(let source): zip(input, tensors[source]).map { $0 + $1 }
    case .gate: input
    }
  }

  /// The outputs of a dense layer; nil for another.
  var denseOutputs: Int? {
    guard case .dense(_, let bias) = self else { return nil }
    return bias.count
  }

  /// What a dense layer computes before its activation, for a range of many rows.
  ///
  /// - Shape: `rows` is `[rows][inputs]`, the result `[range][outputs]`.
  func denseRows(_ rows: [Float], in range: Range<Int>) -> [Float] {
    guard case .dense(let columns, let bias) = self else { return [] }
    return dense(rows, range, columns, bias)
  }

  private func dense(
    _ rows: [Float], _ range: Range<Int>, _ columns: [Float], _ bias: [Float]
  ) -> [Float] {
    let outputs = bias.count
    let inputs = columns.count / max(outputs, 1)
    precondition(rows.count >= range.upperBound * inputs)
    var sums: [Float] = []
    sums.reserveCapacity(range.count * outputs)
    for _ in range { sums += bias }
    unsafe sums.withUnsafeMutableBufferPointer { sums in
      unsafe columns.withUnsafeBufferPointer { columns in
        unsafe rows.withUnsafeBufferPointer { rows in
          if let sums = sums.baseAddress, let columns = columns.baseAddress,
            let rows = rows.baseAddress
          {
            unsafe nnq_float_products(
              rows + range.lowerBound * inputs, range.count, columns, inputs, outputs, sums)
          }
        }
      }
    }
    return sums
  }

  /// In binary64, sums from the first element on, each result rounded once.
  private func layerNorm(
    _ input: [Float], _ gamma: [Float], _ beta: [Float], _ epsilon: Float
  ) -> [Float] {
    let count = Double(input.count)
    let mean = input.reduce(0.0) { $0 + Double($1) } / count
    let squares = input.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
    let deviation = (squares / count + Double(epsilon)).squareRoot()
    return input.indices.map {
      Float(Double(gamma[$0]) * ((Double(input[$0]) - mean) / deviation) + Double(beta[$0]))
    }
  }
}
