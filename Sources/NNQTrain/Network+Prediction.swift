// SPDX-License-Identifier: Apache-2.0
internal import NNQLinalg

extension Network<Float> {
  /// The network's outputs `[x.rows][outputs]`.
  func predict(_ x: Matrix, by method: ProductMethod = .fixedOrder) -> Matrix {
    var result = [Float]()
    result.reserveCapacity(x.rows * architecture.outputs)
    forEachPiece(of: x, by: method) { _, outputs in result += outputs.values.elements }
    return Matrix(rows: x.rows, columns: architecture.outputs, elements: result)
  }

  /// Hands over the inputs and outputs for all rows in order, in pieces of a fixed size.
  func forEachPiece(
    of x: some RowSource, by method: ProductMethod = .fixedOrder,
    _ body: (_ inputs: Block<Float>, _ outputs: Block<Float>) -> Void
  ) {
    let rowsAtOnce = GradientStep<Float>.chunkRows
    let room = Workspace<Float>(architecture, rows: min(rowsAtOnce, x.rows), goesBack: false)
    for start in stride(from: 0, to: x.rows, by: rowsAtOnce) {
      let rows = Array(start..<min(start + rowsAtOnce, x.rows))
      let places = 0..<rows.count
      x.gather(rows[...], into: room.values[0][rows: places])
      forward(room, rows: places, pass: .use, by: method)
      body(room.values[0][rows: places], room.values[layers.count][rows: places])
    }
  }
}
