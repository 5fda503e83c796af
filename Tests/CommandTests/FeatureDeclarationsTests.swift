// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import Testing

@testable import NNQCommands

@Suite struct FeatureDeclarationsTests {
  private func declarations(_ words: [String]) throws -> FeatureDeclarations {
    let arguments = try Command.train.parse(["t.csv"] + words)
    return try FeatureDeclarations(arguments, features: ["a", "b", "c"])
  }

  @Test("a name wins over the star, which is for all others")
  func star() throws {
    var features = ["a", "b", "c"].map { Feature(name: $0) }
    try declarations(["--counts", "b=0.5:-1@0..9,*=2", "--unit", "*=g,c=mm/s"])
      .apply(to: &features)
    #expect(features.map { $0.counts?.unitPerCount } == [2, 0.5, 2])
    #expect(features[1].counts?.range == 0...9)
    #expect(features.map(\.unit) == ["g", "g", "mm/s"])
  }

  @Test("a name that is no feature is a usage failure with the nearest name")
  func unknown() {
    let failure = #expect(throws: Failure.self) { try declarations(["--counts", "bb=1"]) }
    #expect(failure?.code == .usage)
    #expect(failure?.sentence.contains("\"bb\" is no feature of the table") == true)
  }
}
