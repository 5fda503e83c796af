// SPDX-License-Identifier: Apache-2.0
import NNQTestSupport
import Testing

@testable import NNQCommands

/// Trainings that are lost: the cause is named, and the weights of the best pass are kept.
@Suite struct DivergenceTests {
  let folder = TemporaryFolder()

  private func train(
    _ rate: String, hidden: String = "8", _ options: [String] = []
  ) -> Answer {
    var random = TestRandom(seed: 7)
    let table = SampleTable(
      header: ["a", "b", "target"],
      rows: (0..<400).map { _ in
        let (a, b) = (Float(random.normal()), Float(random.normal()))
        return ["\(a)", "\(b)", "\(a + b)"]
      })
    return nnq(
      [
        "train", folder.put(table.csv, in: "train.csv"), "-o", folder("m.bin"), "--hidden", hidden,
        "--optimizer", "sgd", "--quiet", "--learning-rate", rate,
      ] + options)
  }

  /// The rate rises over the first of 60 steps, one a pass, so that the first passes are sound.
  private static let late = [
    "--epochs", "60", "--batch", "340", "--schedule", "warmup-cosine",
  ]

  @Test("a loss that grows a million times stops, and the best pass's weights are written")
  func loss() {
    let answer = train("2", Self.late)
    #expect(answer.code == ExitCode.badInput.rawValue)
    #expect(
      answer.errors.contains(": the loss grew a million times; \(folder("m.bin")) has the weights"),
      "\(answer.errors)")
    #expect(answer.errors.contains("hint: try --learning-rate 0.2"), "\(answer.errors)")
    expectSuccess(nnq("eval", folder("m.bin"), folder("train.csv")))
  }

  @Test("so does a loss that is no number")
  func notFinite() {
    let answer = train("1e6", hidden: "16,16,16,16", Self.late)
    #expect(answer.code == ExitCode.badInput.rawValue)
    #expect(
      answer.errors.contains("training diverged in epoch 1: not finite: the outputs"),
      "\(answer.errors)")
    #expect(folder.bytes("m.bin") == nil)
  }

  @Test("a training that is lost in its first pass writes nothing and leaves what was there")
  func firstPass() {
    folder.put([1, 2, 3], in: "m.bin")
    let answer = train("3", ["--batch", "32", "--schedule", "constant", "--force"])
    #expect(answer.code == ExitCode.badInput.rawValue)
    #expect(
      answer.errors.contains("training diverged in epoch 1: the loss grew a million times"),
      "\(answer.errors)")
    #expect(folder.bytes("m.bin") == [1, 2, 3])
  }
}
