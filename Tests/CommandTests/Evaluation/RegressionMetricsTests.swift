// SPDX-License-Identifier: Apache-2.0
import NNQQuantize
import Testing

@testable import NNQCommands

@Suite struct RegressionMetricsTests {
  @Test("agrees with the examples of scikit-learn's documentation")
  func documented() throws {
    let metrics = RegressionMetrics(truths: [3, -0.5, 2, 7], predictions: [2.5, 0, 2, 8])
    #expect(metrics.mae == 0.5)
    #expect(metrics.rmse == 0.375.squareRoot())
    #expect(abs(try #require(metrics.r2) - 0.9486081370449679) < 1e-15)
  }

  @Test("a constant truth leaves r2 undefined, whatever its mean rounds to")
  func constant() {
    let truths = [Double](repeating: 0.1, count: 3)
    let metrics = RegressionMetrics(truths: truths, predictions: [0.1, 0.2, 0.1])
    #expect(metrics.r2 == nil && metrics.rmse != nil)
    #expect(sumOfSquaresAroundMean(truths) == 0)
    #expect(RegressionMetrics(truths: truths, predictions: truths).r2 == nil)
  }

  @Test("a small variation on a large mean is not lost")
  func offset() throws {
    let truths = (0..<1000).map { 1e9 + Double($0 % 2) }
    // A half squared for each row; every step is exact.
    #expect(sumOfSquaresAroundMean(truths) == 250)
  }

  @Test("undefined values are nil, never not a number")
  func undefined() {
    for (truths, predictions) in [
      ([], []), ([1.0, 2], [Double.nan, 2]), ([1.0, 2], [.infinity, 2]),
      ([1e200, -1e200], [-1e200, 1e200]), ([.nan, 1], [1, 1]),
    ] as [([Double], [Double])] {
      let metrics = RegressionMetrics(truths: truths, predictions: predictions)
      for value in [metrics.rmse, metrics.mae, metrics.r2] {
        #expect(value.map(\.isFinite) != false)
      }
      #expect(metrics.rmse == nil)
    }
  }
}
