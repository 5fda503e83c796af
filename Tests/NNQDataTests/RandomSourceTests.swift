// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import NNQData

@Suite struct RandomSourceTests {
  @Test("gives the published numbers of xoshiro256** for the state 1, 2, 3, 4")
  func published() {
    var source = RandomSource(state: [1, 2, 3, 4])
    let numbers = (0..<6).map { _ in source.next() }
    #expect(
      numbers == [
        11520, 0, 1_509_978_240, 1_215_971_899_390_074_240, 1_216_172_134_540_287_360,
        607_988_272_756_665_600,
      ])
  }
}
