// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import NNQCommands

@Suite struct ParseTests {
  private func failure(_ command: Command, _ words: [String]) -> Failure? {
    do throws(Failure) {
      _ = try command.parse(words)
      return nil
    } catch {
      return error
    }
  }

  @Test(
    "takes a value in every form",
    arguments: [
      ["in", "-o", "x", "--rate", "2"], ["in", "-ox", "--rate=2"], ["-ox", "in", "--rate", "2"],
      ["--rate=2", "-o", "x", "--", "in"],
    ])
  func forms(words: [String]) throws {
    let parsed = try Command.sample.parse(words)
    #expect(parsed.string("-o") == "x")
    #expect(try parsed.number("--rate", in: 0...10) == 2)
    #expect(parsed.argument("INPUT") == "in")
    #expect(parsed.argumentIfGiven("MORE") == nil)
  }

  @Test("uses defaults only where nothing is given")
  func defaults() throws {
    let parsed = try Command.sample.parse(["in"])
    #expect(parsed.string("-o") == "out.bin")
    #expect(parsed.string("--mode") == "fast")
    #expect(try parsed.integers("--widths", in: 1...100) == [64, 32])
    #expect(!parsed.isGiven("--widths"))
    #expect(parsed.stringIfGiven("--share") == nil)
    #expect(try parsed.integerIfGiven("--rows", in: 1...) == nil)
    #expect(!parsed.flag("--all"))
    #expect(try Command.sample.parse(["in", "--all"]).flag("--all"))
  }

  @Test("a lone hyphen and everything after -- are arguments")
  func hyphens() throws {
    #expect(try Command.sample.parse(["-"]).argument("INPUT") == "-")
    let parsed = try Command.sample.parse(["--", "--rate", "--help"])
    #expect(parsed.argument("INPUT") == "--rate")
    #expect(parsed.argumentIfGiven("MORE") == "--help")
    #expect(!parsed.flag("--help"))
  }

  @Test("an attached value may be empty, hold = or look like an option")
  func attachedValues() throws {
    #expect(try Command.sample.parse(["in", "--rate="]).string("--rate") == "")
    #expect(try Command.sample.parse(["in", "--rate=a=b"]).string("--rate") == "a=b")
    #expect(try Command.sample.parse(["in", "--rate=--all"]).string("--rate") == "--all")
    #expect(try Command.sample.parse(["in", "--rate", "-5"]).string("--rate") == "-5")
  }

  @Test("repeated options add up and repeated arguments stay in order")
  func repetition() throws {
    let parsed = try Command.sample.parse(["in", "--min", "a=1,b=2", "--min=c=3"])
    #expect(try parsed.list("--min") == ["a=1", "b=2", "c=3"])
    let strict = try Command.strictSample.parse(["a", "-o", "x", "b", "c"])
    #expect(strict.arguments("MODEL") == ["a", "b", "c"])
  }

  @Test("help ends the reading, whatever else is wrong before the end")
  func help() throws {
    #expect(try Command.strictSample.parse(["-h"]).flag("--help"))
    #expect(try Command.strictSample.parse(["--help", "--nonsense"]).flag("--help"))
  }

  @Test(
    "names the option or argument and the text found",
    arguments: [
      (["in", "--nonsense"], "sample: unknown option \"--nonsense\""),
      (["in", "-x"], "sample: unknown option \"-x\""),
      (["in", "-hx"], "sample: unknown option \"-hx\""),
      (["in", "--rate"], "sample: --rate needs a value: --rate R"),
      (["in", "--rate", "--all"], "sample: --rate needs a value: --rate R, found \"--all\""),
      (["in", "--rate", "--"], "sample: --rate needs a value: --rate R, found \"--\""),
      (["in", "--rate=1", "--rate=2"], "sample: --rate is given twice"),
      (["in", "--all", "--all"], "sample: --all is given twice"),
      (["in", "--all=yes"], "sample: --all takes no value, found \"yes\""),
      (["in", "--mode", "slow"], "sample: --mode: \"slow\" is not one of fast, careful"),
      (["in", "--all", "--rows", "3"], "sample: --rows and --all exclude each other"),
      (["--all"], "sample: INPUT is missing"),
      (["a", "b", "c"], "sample: unexpected argument \"c\""),
    ])
  func failures(words: [String], sentence: String) throws {
    let found = try #require(failure(.sample, words))
    #expect(found.code == .usage)
    #expect(found.sentence == sentence)
  }

  @Test("names a required option and a repeated argument that are missing")
  func requirements() {
    #expect(failure(.strictSample, ["a"])?.sentence == "strict: -o FILE is missing")
    #expect(failure(.strictSample, ["-ox"])?.sentence == "strict: MODEL is missing")
    #expect(failure(.strictSample, ["-ox"])?.hint == "nnq strict MODEL... -o FILE [options]")
  }

  @Test("suggests the word that was meant")
  func suggestions() {
    #expect(failure(.sample, ["in", "--rat", "1"])?.hint == "did you mean \"--rate\"?")
    #expect(failure(.sample, ["in", "--wdiths", "1"])?.hint == "did you mean \"--widths\"?")
    #expect(failure(.sample, ["in", "--mode", "carful"])?.hint == "did you mean \"careful\"?")
    #expect(
      failure(.sample, ["in", "--completely-different"])?.hint
        == "nnq help sample lists the options")
  }

  @Test("no words make it trap")
  func randomWords() {
    var numbers = SeededNumbers(seed: 1)
    let pieces = [
      "-", "--", "-o", "-h", "--rate", "--rate=", "--all", "=", "", "x", "--mode", "fast", "--=",
      "-=", "--min", "a=1,", ",", "é", "-é", "--\u{0}", "\u{1B}",
    ]
    for _ in 0..<5000 {
      let words = (0..<Int.random(in: 0...6, using: &numbers)).map { _ in
        pieces.randomElement(using: &numbers) ?? ""
      }
      if let parsed = try? Command.sample.parse(words), !parsed.flag("--help") {
        _ = try? parsed.list("--min")
        _ = try? parsed.assignments("--min")
        _ = try? parsed.number("--rate", in: 0...1)
      }
    }
  }
}
