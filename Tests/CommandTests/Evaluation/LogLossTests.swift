// SPDX-License-Identifier: Apache-2.0
import Glibc
import Testing

@testable import NNQCommands

@Suite struct LogLossTests {
  @Test("agrees with the example of scikit-learn's documentation")
  func documented() {
    let losses = [0.9, 0.9, 0.8, 0.65].map { logLoss(ofTruth: $0) }
    #expect(abs(losses.reduce(0, +) / 4 - 0.21616187468057912) < 1e-15)
  }

  @Test("certainty costs nothing when it is right and 36 nats when it is wrong")
  func limits() {
    #expect(logLoss(ofTruth: 1) < 1e-15)
    #expect(logLoss(ofTruth: 0) == 52 * log(2.0))
    #expect(logLoss(ofTruth: .nan).isNaN)
  }
}
