// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQLinalg
import Testing

@Suite("Matrices")
struct MatrixTests {
  private func random<Scalar: Real>(
    _ rows: Int, _ columns: Int, _ source: inout RandomSource
  ) -> Block<Scalar> {
    Block(
      Vector((0..<rows * columns).map { _ in source.uniform(in: -1...1) }), rows: rows,
      columns: columns)
  }

  private func transposed<Scalar: Real>(_ a: Block<Scalar>) -> Block<Scalar> {
    let elements = (0..<a.columns).flatMap { column in (0..<a.rows).map { a[$0, column] } }
    return Block(Vector(elements), rows: a.columns, columns: a.rows)
  }

  /// - Parameter rounding: half a unit in the last place of 1.
  private func check<Scalar: Real>(
    _ type: Scalar.Type, seed: UInt64, method: ProductMethod, rounding: Double
  ) {
    var source = RandomSource(seed: seed)
    let (m, n, k) = (source.below(70) + 1, source.below(70) + 1, source.below(600) + 1)
    let a: Block<Scalar> = random(m, k, &source)
    let b: Block<Scalar> = random(k, n, &source)
    // NaN before: what stood there must not come through.
    func empty() -> Block<Scalar> {
      let block = Block<Scalar>(rows: m, columns: n)
      block.values.fill(.nan)
      return block
    }
    let (plain, right, left) = (empty(), empty(), empty())
    plain.setProduct(a, b, by: method)
    right.setProduct(a, transposed(b), transposed: true, by: method)
    left.setProduct(columns: 0, of: transposed(a), b, adding: false, by: method)
    let twice = Block<Scalar>(rows: m, columns: n)
    twice.values.copy(plain.values)
    twice.setProduct(a, b, adding: true, by: method)
    // Each of k products and sums of numbers below k rounds by at most half a unit of it.
    let tolerance = Double(k) * Double(k) * rounding
    for row in 0..<m {
      for column in 0..<n {
        var sum = 0.0
        for place in 0..<k { sum += Double(a[row, place]) * Double(b[place, column]) }
        for product in [plain, right, left] {
          #expect(abs(Double(product[row, column]) - sum) <= tolerance)
        }
        #expect(abs(Double(twice[row, column]) - 2 * sum) <= 2 * tolerance)
      }
    }
  }

  @Test("the products equal sums in binary64", arguments: 0..<12 as Range<UInt64>)
  func products(seed: UInt64) {
    BLAS.useOneThread()
    check(Float.self, seed: seed, method: .blas, rounding: 0x1p-24)
    check(Float.self, seed: seed, method: .fixedOrder, rounding: 0x1p-24)
    check(Double.self, seed: seed, method: .fixedOrder, rounding: 0x1p-53)
  }

  @Test("a product in fixed order is the plain sum, bit for bit")
  func fixedOrder() {
    var source = RandomSource(seed: 4)
    for (m, n, k) in [(1, 1, 1), (5, 33, 257), (64, 10, 300), (7, 64, 511)] {
      let a: Block<Float> = random(m, k, &source)
      let b: Block<Float> = random(k, n, &source)
      let product = Block<Float>(rows: m, columns: n)
      product.setProduct(a, b, by: .fixedOrder)
      for row in 0..<m {
        for column in 0..<n {
          var sum: Float = 0
          for place in 0..<k { sum += a[row, place] * b[place, column] }
          #expect(product[row, column] == sum)
        }
      }
    }
  }

  @Test("a product over nothing is zero", arguments: [ProductMethod.blas, .fixedOrder])
  func emptyProduct(method: ProductMethod) {
    let product = Block<Float>(rows: 2, columns: 2)
    product.values.fill(3)
    product.setProduct(
      Block(rows: 2, columns: 0), Block(rows: 0, columns: 2), by: method)
    #expect(product.values.elements == [0, 0, 0, 0])
  }

  @Test("rows are gathered in the given order and columns summed")
  func rows() {
    let matrix = Matrix(rows: 3, columns: 2, elements: [1, 2, 3, 4, 5, 6])
    #expect(matrix.gathered([2, 0, 2]).elements == [5, 6, 1, 2, 5, 6])
    let chosen = Block<Float>(rows: 2, columns: 2)
    chosen.gather([2, 0][...], of: matrix)
    chosen.addToEachRow(Vector<Float>([10, 20] as [Float]))
    #expect(chosen.values.elements == [15, 26, 11, 22])
    let sums = Vector<Float>([7] as [Float])
    chosen.sumColumns(from: 1, into: sums, adding: false)
    #expect(sums.elements == [48])
    chosen.sumColumns(from: 0, into: sums, adding: true)
    #expect(sums.elements == [74])
    #expect(Matrix(rows: 1, columns: 3, elements: [1, 2, 2]).highestColumn(of: 0) == 1)
  }

  @Test(
    "sums of squares are exact for whole numbers of any count", arguments: [0, 1, 15, 16, 17, 100])
  func squares(count: Int) {
    let vector = Vector<Float>((0..<count).map { Float($0) })
    #expect(vector.sumOfSquares == Double((0..<count).reduce(0) { $0 + $1 * $1 }))
    #expect(vector.sum == Double((0..<count).reduce(0, +)))
  }
}
