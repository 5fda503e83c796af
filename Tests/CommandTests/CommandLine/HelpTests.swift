// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import NNQCommands

@Suite struct HelpTests {
  @Test("lays out every part of a verb")
  func snapshot() {
    #expect(
      Help(width: 80).text(of: .sample) == """
        nnq sample - Show what a verb can declare

        Usage:
          nnq sample INPUT [MORE] [options]

        It does nothing else.

        Arguments:
          INPUT  What is read
          MORE   What is read after it

        Options:
          -o FILE                  Write the result here (default: out.bin)
              --rate R             Step size (default: 0.5)
              --rows N             How many rows
              --all                Take every row
              --mode fast|careful  How to go about it (default: fast)
              --widths N[,N]       One width for each layer (default: 64,32)
              --min METRIC=VALUE   Refuse a metric below the value
              --counts NAME=UNIT_PER_COUNT[:ZERO_VALUE][@MIN..MAX]
                                   How a sensor counts, in words that are long enough to
                                   be wrapped onto a second line
              --share SHARE        How much of it (default: all of it)

        Common options:
              --color auto|always|never
                       Colour the text; auto does on a terminal, unless NO_COLOR is set
                       (default: auto)
              --quiet  Print no progress and no notes; errors still appear
          -h, --help   Print this help

        Examples:
          nnq sample in.csv --rows 5
              Read five rows

        """)
  }

  @Test("lists the verbs in the order of use")
  func overview() {
    let text = Help(width: 80).overview(of: CommandTable.all)
    #expect(text.hasPrefix("nnq - small neural networks on sensor data"))
    let verbs = text.split(separator: "\n").drop { $0 != "Verbs:" }.dropFirst()
      .prefix { $0 != "Options:" }.compactMap { $0.split(separator: " ").first.map(String.init) }
    #expect(verbs == CommandTable.all.map(\.name))
  }

  @Test("keeps to the width where words allow it", arguments: [40, 60, 80, 100, 5000])
  func width(width: Int) {
    for command in CommandTable.all {
      for line in Help(width: width).text(of: command).split(separator: "\n") {
        // Names, examples and single words are never broken.
        let isWhole =
          ["  nnq ", "  -", "      --"].contains { line.hasPrefix($0) } || line.contains("| nnq ")
          || line.split(separator: " ").count == 1
        #expect(isWhole || line.count <= min(width, 100), "\(command.name): \(line)")
        #expect(line.last != " ")
      }
    }
  }

  @Test("colours change nothing but the looks")
  func colours() {
    let plain = Help(width: 80).text(of: .train)
    let coloured = Help(width: 80, style: Style(isEnabled: true)).text(of: .train)
    #expect(coloured != plain)
    var stripped = ""
    var isInside = false
    for scalar in coloured.unicodeScalars {
      if scalar == "\u{1B}" { isInside = true }
      if !isInside { stripped.unicodeScalars.append(scalar) }
      if scalar == "m" { isInside = false }
    }
    #expect(stripped == plain)
  }
}
