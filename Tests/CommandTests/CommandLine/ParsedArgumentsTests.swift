// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import Testing

@testable import NNQCommands

@Suite struct ParsedArgumentsTests {
  private func parsed(_ words: String...) throws -> ParsedArguments {
    try Command.sample.parse(["in"] + words)
  }

  private func sentence<Value>(_ body: () throws -> Value) -> String? {
    do {
      _ = try body()
      return nil
    } catch {
      return (error as? Failure)?.sentence
    }
  }

  @Test(
    "refuses what is no whole number in the range",
    arguments: [
      ("x", "\"x\" is not a whole number"), ("1.5", "\"1.5\" is not a whole number"),
      ("", "\"\" is not a whole number"),
      ("99999999999999999999", "\"99999999999999999999\" is not a whole number"),
      ("0", "\"0\" must be at least 1"), ("-3", "\"-3\" must be at least 1"),
    ])
  func integers(text: String, reason: String) throws {
    let arguments = try parsed("--rows=\(text)")
    #expect(
      sentence { try arguments.integerIfGiven("--rows", in: 1...) } == "sample: --rows: \(reason)")
  }

  @Test(
    "refuses what is no finite number in the range",
    arguments: [
      ("nan", "\"nan\" is not a finite number"), ("inf", "\"inf\" is not a finite number"),
      ("1e999", "\"1e999\" is not a finite number"), ("1,5", "\"1,5\" is not a finite number"),
      ("0", "\"0\" must be above 0.0"),
    ])
  func numbers(text: String, reason: String) throws {
    let arguments = try parsed("--rate=\(text)")
    #expect(
      sentence { try arguments.number("--rate", in: Above(0)) } == "sample: --rate: \(reason)")
  }

  @Test("says the range in words")
  func bounds() {
    #expect((1...8).words == "from 1 to 8")
    #expect((0.0..<1.0).words == "at least 0.0 and below 1.0")
    #expect((1...).words == "at least 1")
    #expect(Above(0).words == "above 0")
    #expect(!Above(0.0).contains(0) && Above(0.0).contains(.leastNonzeroMagnitude))
  }

  @Test("takes a share as a number or as a percentage")
  func shares() throws {
    #expect(try parsed("--share", "0.2%").fractionIfGiven("--share") == 0.2 / 100)
    #expect(try parsed("--share", "0.5").fractionIfGiven("--share") == 0.5)
    #expect(try parsed("--share", "100%").fractionIfGiven("--share") == 1)
    for text in ["1.5", "101%", "-1%", "%", "nan%", "x"] {
      let arguments = try parsed("--share=\(text)")
      #expect(sentence { try arguments.fractionIfGiven("--share") } != nil)
    }
  }

  @Test(
    "takes commas and quotes in quoted entries of a list",
    arguments: [
      ("\"x,y\"", ["x,y"]), ("a,\"x,y\",b", ["a", "x,y", "b"]), ("\"a\"\"b\"", ["a\"b"]),
      ("\"x,y\"=2", ["x,y=2"]), ("a\"b,c", ["a\"b", "c"]),
    ])
  func quotedEntries(text: String, items: [String]) throws {
    #expect(try parsed("--widths", text).list("--widths") == items)
  }

  @Test(
    "refuses a quote without end and an empty quoted entry", arguments: ["\"a,b", "a,\"\"", "\""])
  func badQuotes(text: String) throws {
    let arguments = try parsed("--widths", text)
    #expect(sentence { try arguments.list("--widths") } != nil)
  }

  @Test("splits lists at commas and refuses empty entries")
  func lists() throws {
    #expect(try parsed("--widths", "1,2,3").integers("--widths", in: 1...) == [1, 2, 3])
    #expect(try parsed("--widths", "1.5").numbers("--widths", in: 1...) == [1.5])
    for text in ["", ",", "1,", ",1", "1,,2"] {
      let arguments = try parsed("--widths=\(text)")
      #expect(
        sentence { try arguments.list("--widths") }
          == "sample: --widths: \"\(text)\" has an empty entry")
    }
    let arguments = try parsed("--widths", "8,x")
    #expect(
      sentence { try arguments.integers("--widths", in: 1...) }
        == "sample: --widths: \"x\" is not a whole number")
  }

  @Test("splits assignments at the last equals sign, each name once")
  func assignments() throws {
    let pairs = try parsed("--min", "a=b=0.5,c=").assignments("--min")
    #expect(pairs.map(\.name) == ["a=b", "c"])
    #expect(pairs.map(\.text) == ["0.5", ""])
    let unnamed = try parsed("--min", "=1")
    #expect(
      sentence { try unnamed.assignments("--min") }
        == "sample: --min: \"=1\" is not of the form METRIC=VALUE")
    let twice = try parsed("--min", "a=1", "--min", "a=2")
    #expect(sentence { try twice.assignments("--min") } == "sample: --min: \"a\" is given twice")
  }

  @Test("reads how sensors count")
  func sensorCounts() throws {
    let entries = try parsed("--counts", "x=0.5,y=2:-25@-5..4000", "--counts", "z=1e-3@0..65535")
      .sensorCounts("--counts")
    #expect(entries.map(\.name) == ["x", "y", "z"])
    #expect(
      entries.map(\.counts) == [
        SensorCounts(unitPerCount: 0.5, range: -32_768...32_767),
        SensorCounts(unitPerCount: 2, zeroValue: -25, range: -5...4000),
        SensorCounts(unitPerCount: 0.001, range: 0...65_535),
      ])
  }

  @Test(
    "refuses counts that make no line",
    arguments: [
      "0", "-2", "nan", "", "1:", "1:x", "1@", "1@5", "1@5..", "1@5...9", "1@9..5",
      "1@0..4294967296", "1:2:3", "1@0..1@2", "0x",
    ])
  func badSensorCounts(text: String) throws {
    let arguments = try parsed("--counts", "x=\(text)")
    #expect(sentence { try arguments.sensorCounts("--counts") } != nil)
  }

  @Test("a verb that asks for what it does not declare traps")
  func callerBugs() async throws {
    await #expect(processExitsWith: .failure) {
      _ = try Command.sample.parse(["in"]).string("--nonsense")
    }
    await #expect(processExitsWith: .failure) {
      _ = try Command.sample.parse(["in"]).integer("--rows", in: 1...)
    }
  }
}
