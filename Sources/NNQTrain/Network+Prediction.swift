// SPDX-License-Identifier: Apache-2.0
internal import NNQLinalg

extension Network<Float> {
  /// The network's outputs `[x.rows][outputs]`, computed in pieces of a fixed size.
  func predict(_ x: Matrix, by method: ProductMethod = .fixedOrder) -> Matrix {
    let rowsAtOnce = GradientStep<Float>.chunkRows
    let room = Workspace<Float>(architecture, rows: min(rowsAtOnce, x.rows), goesBack: false)
    let order = Array(0..<x.rows)
    var result = [Float]()
    result.reserveCapacity(x.rows * architecture.outputs)
    for start in stride(from: 0, to: x.rows, by: rowsAtOnce) {
      let rows = order[start..<min(start + rowsAtOnce, x.rows)]
      let places = 0..<rows.count
      room.values[0][rows: places].gather(rows, of: x)
      forward(room, rows: places, pass: .use, by: method)
      result += room.values[layers.count][rows: places].values.elements
    }
    return Matrix(rows: x.rows, columns: architecture.outputs, elements: result)
  }
}
