// SPDX-License-Identifier: Apache-2.0
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
    case .dense(let columns, let bias): dense(input, columns, bias)
    case .layerNorm(let gamma, let beta, let epsilon): layerNorm(input, gamma, beta, epsilon)
    case .add(let source): zip(input, tensors[source]).map { $0 + $1 }
    case .gate: input
    }
  }

  /// What a dense layer computes before its activation, for many rows; nil for another layer.
  ///
  /// - Shape: `rows` is `[rows][inputs]`, the result `[rows][outputs]`.
  func denseRows(_ rows: [Float]) -> [Float]? {
    guard case .dense(let columns, let bias) = self else { return nil }
    return dense(rows, columns, bias)
  }

  private func dense(_ rows: [Float], _ columns: [Float], _ bias: [Float]) -> [Float] {
    let outputs = bias.count
    let inputs = columns.count / max(outputs, 1)
    let count = rows.count / max(inputs, 1)
    var sums: [Float] = []
    sums.reserveCapacity(count * outputs)
    for _ in 0..<count { sums += bias }
    unsafe sums.withUnsafeMutableBufferPointer { sums in
      unsafe columns.withUnsafeBufferPointer { columns in
        unsafe rows.withUnsafeBufferPointer { rows in
          for row in 0..<count {
            unsafe Self.add(
              rows.extracting(row * inputs..<(row + 1) * inputs), columns,
              to: sums.extracting(row * outputs..<(row + 1) * outputs))
          }
        }
      }
    }
    return sums
  }

  /// Adds the products of a row, input by input. Four inputs share a pass over the sums, and inputs of
  /// 0, of which there are many behind a ReLU, are left out.
  private static func add(
    _ row: UnsafeBufferPointer<Float>, _ columns: UnsafeBufferPointer<Float>,
    to sums: UnsafeMutableBufferPointer<Float>
  ) {
    let outputs = sums.count
    let inputs = row.count
    var taken = (0, 0, 0, 0)
    var index = 0
    func next() -> Int {
      while unsafe index < inputs && row[index] == 0 { index += 1 }
      index += 1
      return index - 1
    }
    while true {
      taken = (next(), next(), next(), next())
      guard taken.3 < inputs else { break }
      let (a, b, c, d) = unsafe (row[taken.0], row[taken.1], row[taken.2], row[taken.3])
      let first = columns.extracting(taken.0 * outputs..<(taken.0 + 1) * outputs)
      let second = columns.extracting(taken.1 * outputs..<(taken.1 + 1) * outputs)
      let third = columns.extracting(taken.2 * outputs..<(taken.2 + 1) * outputs)
      let fourth = columns.extracting(taken.3 * outputs..<(taken.3 + 1) * outputs)
      for output in 0..<outputs {
        unsafe sums[output] =
          sums[output] + a * first[output] + b * second[output] + c * third[output]
          + d * fourth[output]
      }
    }
    for input in [taken.0, taken.1, taken.2] where input < inputs {
      let value = unsafe row[input]
      let column = columns.extracting(input * outputs..<(input + 1) * outputs)
      for output in 0..<outputs { unsafe sums[output] += value * column[output] }
    }
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
