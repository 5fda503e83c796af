// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQLinalg
import Testing

@Suite("Matrices")
struct MatrixTests {
  private func random(_ rows: Int, _ columns: Int, _ source: inout RandomSource) -> Matrix {
    Matrix(
      rows: rows, columns: columns,
      elements: (0..<rows * columns).map { _ in Float(source.uniform(in: -1...1)) })
  }

  @Test("the three products equal sums in binary64", arguments: 0..<20 as Range<UInt64>)
  func products(seed: UInt64) {
    BLAS.useOneThread()
    var source = RandomSource(seed: seed)
    let (m, n, k) = (source.below(40) + 1, source.below(40) + 1, source.below(300) + 1)
    let a = random(m, k, &source)
    let b = random(k, n, &source)
    var aT = Matrix(rows: k, columns: m)
    for row in 0..<m { for column in 0..<k { aT[column, row] = a[row, column] } }
    var bT = Matrix(rows: n, columns: k)
    for row in 0..<k { for column in 0..<n { bT[column, row] = b[row, column] } }
    // NaN before: what stood there must not come through.
    let before = Matrix(
      rows: m, columns: n, elements: Array(repeating: .nan, count: m * n))
    var plain = before
    plain.setProduct(a, b)
    var right = before
    right.setProduct(a, transposed: bT)
    var left = before
    left.setProduct(transposed: aT, b)
    // Each of k products and sums of numbers below k rounds by at most 2^-24 of it.
    let tolerance = Double(k) * Double(k) * 0x1p-24
    for row in 0..<m {
      for column in 0..<n {
        var sum = 0.0
        for place in 0..<k { sum += Double(a[row, place]) * Double(b[place, column]) }
        for product in [plain, right, left] {
          #expect(abs(Double(product[row, column]) - sum) <= tolerance)
        }
      }
    }
  }

  @Test("a product over nothing is zero")
  func emptyProduct() {
    var product = Matrix(rows: 2, columns: 2, elements: [1, 2, 3, 4])
    product.setProduct(Matrix(rows: 2, columns: 0), Matrix(rows: 0, columns: 2))
    #expect(product.elements == [0, 0, 0, 0])
  }

  @Test("rows are gathered in the given order and columns summed")
  func rows() {
    let matrix = Matrix(rows: 3, columns: 2, elements: [1, 2, 3, 4, 5, 6])
    var chosen = matrix.gathered([2, 0, 2])
    #expect(chosen.elements == [5, 6, 1, 2, 5, 6])
    chosen.addToEachRow([10, 20])
    #expect(chosen.elements == [15, 26, 11, 22, 15, 26])
    var sums: [Float] = [7, 7]
    matrix.sumColumns(into: &sums)
    #expect(sums == [9, 12])
    #expect(Matrix(rows: 1, columns: 3, elements: [1, 2, 2]).highestColumn(of: 0) == 1)
  }
}
