// SPDX-License-Identifier: Apache-2.0
import Glibc
import Testing

@testable import NNQCommands

@Suite struct LogLossTests {
  @Test("agrees with the example of scikit-learn's documentation")
  func documented() throws {
    let loss = try #require(logLoss(ofTruths: [0.9, 0.9, 0.8, 0.65]))
    #expect(abs(loss - 0.21616187468057912) < 1e-15)
  }

  @Test("certainty costs nothing when it is right and 36 nats when it is wrong")
  func limits() throws {
    #expect(try #require(logLoss(ofTruths: [1])) < 1e-15)
    #expect(try #require(logLoss(ofTruths: [0])) == 52 * log(2.0))
    #expect(logLoss(ofTruths: []) == nil)
    #expect(logLoss(ofTruths: [0.5, .nan]) == nil)
  }
}
