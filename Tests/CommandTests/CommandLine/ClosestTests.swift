// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import NNQCommands

@Suite struct ClosestTests {
  @Test(
    "counts insertions, deletions, changes and swaps",
    arguments: [
      ("", "", 0), ("", "abc", 3), ("train", "trian", 1), ("train", "trains", 1),
      ("train", "rain", 1), ("train", "brain", 1), ("kitten", "sitting", 3), ("ca", "abc", 3),
    ])
  func distance(first: String, second: String, expected: Int) {
    #expect(editDistance(first, second) == expected)
    #expect(editDistance(second, first) == expected)
  }

  @Test("finds the nearest word, the first of equals, or none")
  func nearest() {
    #expect(closest(to: "trian", among: ["bench", "train"]) == "train")
    #expect(closest(to: "evals", among: ["eval", "evala"]) == "eval")
    #expect(closest(to: "xyz", among: ["bench", "train"]) == nil)
    #expect(closest(to: "quant", among: ["train", "quantize"]) == "quantize")
    #expect(closest(to: "--", among: ["--rate"]) == nil)
    #expect(closest(to: String(repeating: "x", count: 100_000), among: ["train"]) == nil)
  }
}
