// SPDX-License-Identifier: Apache-2.0
internal import NNQLinalg

/// A training step: forward, loss, back, gradient and the optimizer's move, on all threads.
///
/// The rows of a batch are cut into chunks of a fixed size and the parameters into
/// ``GradientParts``; both cuts are the same for every number of threads.
struct GradientStep<Scalar: Real>: ~Copyable {
  let network: Network<Scalar>
  /// As the network's parameters.
  let gradient: Vector<Scalar>
  let room: Workspace<Scalar>
  let method: ProductMethod
  let pool: WorkerPool
  private let loss: Loss
  private let weights: LossWeights<Scalar>
  private let targets: Block<Scalar>
  private let parts: GradientParts
  /// The loss of each chunk.
  private let chunkLosses: Vector<Double>

  /// Rows that go through all layers together: they stay in the cache of one processor.
  static var chunkRows: Int { 64 }

  /// - Parameters:
  ///   - rows: the most rows of a batch.
  ///   - targetColumns: of the loss's targets.
  init(
    _ network: Network<Scalar>, loss: Loss, rows: Int, targetColumns: Int, workers: Int = 1,
    method: ProductMethod
  ) {
    self.network = network
    self.loss = loss
    self.method = method
    weights = LossWeights(loss)
    gradient = Vector(zeros: network.parameters.count)
    room = Workspace(network.architecture, rows: rows, goesBack: true)
    targets = Block(rows: rows, columns: targetColumns)
    pool = WorkerPool(workers: method == .blas ? BLAS.workers(workers) : workers)
    parts = GradientParts(network.architecture, workers: pool.workers)
    chunkLosses = Vector(zeros: (rows + Self.chunkRows - 1) / Self.chunkRows)
  }

  /// Computes the gradient of a batch of some rows of `inputs` and `answers`.
  ///
  /// - Parameters:
  ///   - isAdded: adds to the gradient that is there.
  ///   - share: what the mean over the batch's rows is multiplied by.
  ///   - disturb: changes the inputs of some rows; takes the place of their first one in the batch.
  ///   - update: called with each part whose gradient is done, on the thread that made it.
  /// - Returns: the loss, a mean over the rows, without ``Loss/l2``.
  func run(
    _ indices: ArraySlice<Int>, inputs: some RowSource, answers: some RowSource, pass: Pass,
    isAdded: Bool = false, share: Double = 1, disturb: ((Block<Scalar>, Int) -> Void)? = nil,
    then update: (GradientParts.Part) -> Void = { _ in }
  ) -> Double {
    let count = indices.count
    precondition(count > 0 && count <= room.rows)
    let height = network.architecture.mixesRows ? count : Self.chunkRows
    let chunks = (count + height - 1) / height
    pool.run(parts: chunks) { chunk in
      let rows = (chunk * height)..<min((chunk + 1) * height, count)
      let first = indices.startIndex
      let chosen = indices[(first + rows.lowerBound)..<(first + rows.upperBound)]
      inputs.gather(chosen, into: room.values[0][rows: rows])
      answers.gather(chosen, into: targets[rows: rows])
      disturb?(room.values[0][rows: rows], rows.lowerBound)
      chunkLosses[chunk] = self.pass(rows, of: count, pass, share: share)
    }
    forEachPart { part in
      setGradient(part, rows: 0..<count, isAdded: isAdded)
      update(part)
    }
    var sum = 0.0
    for chunk in 0..<chunks { sum += chunkLosses[chunk] }
    return sum
  }

  /// Forward, loss and back for some rows; returns their part of the loss.
  private func pass(_ rows: Range<Int>, of count: Int, _ pass: Pass, share: Double) -> Double {
    network.forward(room, rows: rows, pass: pass, by: method)
    let last = network.layers.count
    let value = loss.evaluate(
      room.values[last][rows: rows], targets: targets[rows: rows], weights, rowsOfMean: count,
      share: share, slope: room.slopes[last - 1][rows: rows])
    network.backward(room, rows: rows, pass: pass, by: method)
    return value
  }

  /// The gradient of some of the parameters of a layer from the slopes of all rows.
  private func setGradient(_ part: GradientParts.Part, rows: Range<Int>, isAdded: Bool) {
    let layer = network.layers[part.layer]
    let x = room.values[part.layer][rows: rows]
    let slope = room.slopes[part.layer][rows: rows]
    let numbers = gradient[layer.parameters]
    switch layer.operation {
    case .dense:
      let places =
        (part.outputs.lowerBound * layer.inputs)..<(part.outputs.upperBound * layer.inputs)
      Block(numbers[places], rows: part.outputs.count, columns: layer.inputs)
        .setProduct(columns: part.outputs.lowerBound, of: slope, x, adding: isAdded, by: method)
      let bias = numbers[layer.weightCount..<numbers.count][part.outputs]
      slope.sumColumns(from: part.outputs.lowerBound, into: bias, adding: isAdded)
    case .layerNorm:
      x.layerNormGains(
        NormalizationGains(numbers), moments: room.rowMoments(part.layer, rows), results: slope,
        adding: isAdded)
    case .batchNorm:
      let found = room.gains(part.layer)
      if isAdded { numbers.accumulate(found) } else { numbers.copy(found) }
    case .gate, .add, .dropout, .logSoftmax, .temperature: break
    }
  }

  /// Runs `body` for each part of the parameters, on all threads.
  func forEachPart(_ body: (GradientParts.Part) -> Void) {
    let shares = parts.shares
    pool.run(parts: shares.count) { worker in
      for part in parts.parts[shares[worker]] { body(part) }
    }
  }

  /// The places of a part's numbers in the network's parameters: weights, then bias or gains.
  func places(of part: GradientParts.Part) -> (weights: Range<Int>, others: Range<Int>) {
    let layer = network.layers[part.layer]
    let first = layer.parameters.lowerBound
    guard layer.operation == .dense else { return (first..<first, layer.parameters) }
    let (low, high) = (part.outputs.lowerBound, part.outputs.upperBound)
    let bias = first + layer.weightCount
    return (
      (first + low * layer.inputs)..<(first + high * layer.inputs), (bias + low)..<(bias + high)
    )
  }

  /// The sum of the squares of the gradient, in the order of the parts.
  var squaredNorm: Double {
    var sum = 0.0
    for part in parts.parts {
      let places = places(of: part)
      sum += gradient[places.weights].sumOfSquares + gradient[places.others].sumOfSquares
    }
    return sum
  }

  /// The outputs for some rows and their mean loss, the network as it is used.
  func predict(
    _ order: [Int], inputs: some RowSource, answers: some RowSource
  ) -> (outputs: Matrix, loss: Double) {
    var outputs = [Float]()
    outputs.reserveCapacity(order.count * network.architecture.outputs)
    var sum = 0.0
    let last = network.layers.count
    for start in stride(from: 0, to: order.count, by: room.rows) {
      let count = min(room.rows, order.count - start)
      let height = network.architecture.mixesRows ? count : Self.chunkRows
      let chunks = (count + height - 1) / height
      pool.run(parts: chunks) { chunk in
        let rows = (chunk * height)..<min((chunk + 1) * height, count)
        let chosen = order[(start + rows.lowerBound)..<(start + rows.upperBound)]
        inputs.gather(chosen, into: room.values[0][rows: rows])
        answers.gather(chosen, into: targets[rows: rows])
        network.forward(room, rows: rows, pass: .use, by: method)
        chunkLosses[chunk] = loss.evaluate(
          room.values[last][rows: rows], targets: targets[rows: rows], weights,
          rowsOfMean: order.count, slope: room.slopes[last - 1][rows: rows])
      }
      for chunk in 0..<chunks { sum += chunkLosses[chunk] }
      outputs += room.values[last][rows: 0..<count].matrix.elements
    }
    return (
      Matrix(rows: order.count, columns: network.architecture.outputs, elements: outputs), sum
    )
  }
}
