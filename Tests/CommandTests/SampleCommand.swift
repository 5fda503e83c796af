// SPDX-License-Identifier: Apache-2.0
@testable import NNQCommands

extension Command {
  /// A verb with every kind of option and argument.
  static let sample = Command(
    name: "sample", summary: "Show what a verb can declare",
    arguments: [
      Argument(name: "INPUT", help: "What is read"),
      Argument(name: "MORE", help: "What is read after it", count: .optional),
    ],
    options: [
      .file("-o", "FILE", "Write the result here", initial: .value("out.bin")),
      .value("--rate", "R", "Step size", initial: .value("0.5")),
      .value("--rows", "N", "How many rows", excludes: ["--all"]),
      .flag("--all", "Take every row", excludes: ["--rows"]),
      .choice("--mode", ["fast", "careful"], "How to go about it", initial: "fast"),
      .list("--widths", "N[,N]", "One width for each layer", initial: .value("64,32")),
      .list(
        "--min", "METRIC=VALUE", "Refuse a metric below the value", isRepeatable: true),
      .list(
        "--counts", "NAME=UNIT_PER_COUNT[:ZERO_VALUE][@MIN..MAX]",
        "How a sensor counts, in words that are long enough to be wrapped onto a second line",
        isRepeatable: true),
      .value("--share", "SHARE", "How much of it", initial: .described("all of it")),
    ],
    discussion: ["It does nothing else."],
    examples: [Example("nnq sample in.csv --rows 5", "Read five rows")]
  ) { _, _ in .success }

  /// A verb whose option must be given and whose argument may be repeated.
  static let strictSample = Command(
    name: "strict", summary: "Demand things",
    arguments: [Argument(name: "MODEL", help: "Some models", count: .oneOrMore)],
    options: [.file("-o", "FILE", "Write here", isRequired: true)]
  ) { _, _ in .no }
}

/// A console whose text stays in memory.
struct CapturedConsole {
  let output = StandardStream.Capture()
  let errors = StandardStream.Capture()

  func console(isTerminal: Bool = false, width: Int = 80) -> Console {
    var console = Console(
      output: StandardStream(output, isTerminal: isTerminal),
      errors: StandardStream(errors, isTerminal: isTerminal), width: width)
    // Not what the environment of the test says.
    console.setColor(.never)
    return console
  }

  /// Runs a command line and returns its exit code.
  func run(_ words: String...) -> ExitCode {
    var console = console()
    return dispatch(words, on: &console)
  }
}

/// SplitMix64, so that a test draws the same numbers every time.
struct SeededNumbers: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
