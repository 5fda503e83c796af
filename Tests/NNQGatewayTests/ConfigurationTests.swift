// SPDX-License-Identifier: Apache-2.0
import NNQGateway
import Testing

@Suite struct ConfigurationTests {
  @Test("reads settings, leaves out comments and empty lines")
  func reads() throws {
    let configuration = try Configuration(
      parsing: "# a comment\n\nmodel = a.bin\n socket=/run/x y\r\nstall-seconds = 7\nstdin = yes\n")
    #expect(configuration.model == "a.bin")
    #expect(configuration.socket == "/run/x y")
    #expect(configuration.stallSeconds == 7)
    #expect(configuration.readsStandardInput)
  }

  @Test(
    "names the line that is wrong",
    arguments: [
      ("model", GatewayError.malformedLine(line: 1)),
      ("\nmodle = x", .unknownSetting("modle", line: 2)),
      ("model = a\nmodel = b", .repeatedSetting("model", line: 2)),
      ("stall-seconds = 0", .badSetting("stall-seconds", value: "0", line: 1)),
      ("stdin = 1", .badSetting("stdin", value: "1", line: 1)),
      ("\nmqtt = foo", .badSetting("mqtt", value: "foo", line: 2)),
      ("metrics = foo", .badSetting("metrics", value: "foo", line: 1)),
      ("max-flips = nan", .badSetting("max-flips", value: "nan", line: 1)),
    ])
  func refuses(text: String, error: GatewayError) {
    #expect(throws: error) { try Configuration(parsing: text) }
  }

  @Test(
    "says what may stand in the place of a bad value",
    arguments: [
      ("stall-seconds = 0", "stall-seconds: \"0\" is not a whole number from 1 to 86400"),
      ("device-limit = many", "device-limit: \"many\" is not a whole number from 1 to 1000000"),
      ("mqtt-qos = 2", "mqtt-qos: \"2\" is not a whole number from 0 to 1"),
      ("max-flips = nan", "max-flips: \"nan\" is not a number from 0 to 1"),
      ("stdin = 1", "stdin: \"1\" is not yes or no"),
      ("model =", "model: \"\" is not a FILE"),
      ("state =", "state: \"\" is not a FOLDER"),
      ("mqtt = foo", "mqtt: \"foo\" is not HOST:PORT with a port from 1 to 65535"),
      ("metrics = h:0", "metrics: \"h:0\" is not HOST:PORT with a port from 1 to 65535"),
      ("mqtt-id = a\u{1}", "mqtt-id: \"a\u{1}\" is not a NAME without control characters"),
      (
        "mqtt-topic = a/#/b",
        "mqtt-topic: \"a/#/b\" is not a FILTER, in which + and # are whole levels and # the last one"
      ),
      (
        "mqtt-answers = b/%x",
        "mqtt-answers: \"b/%x\" is not a TOPIC without + and #, in which d or % stands after a "
          + "percent sign"
      ),
    ])
  func badValues(text: String, sentence: String) {
    do throws(GatewayError) {
      _ = try Configuration(parsing: text)
      Issue.record("it was taken")
    } catch {
      #expect(error.sentence == "line 1: \(sentence)")
    }
  }

  #if MQTT
    @Test(
      "refuses what is no filter or topic, and answers that come back as messages",
      arguments: [
        ("a/+", "b/%x"), ("a/#/b", "c"), ("a+b/c", "c"), ("a/#b", "c"), ("in", "b/+"), ("in", "#"),
        ("a/#", "a/%d"), ("a/#", "a"), ("#", "b"), ("+/%", "%d/%%"), ("a/b", "a/%d"),
        ("a/xb", "a/x%d"), ("$share/g/a/+", "a/%d"),
      ])
    func topics(filter: String, answers: String) {
      #expect(throws: GatewayError.self) {
        try Configuration(
          parsing: "model=x\nmqtt=h:1\nmqtt-topic=\(filter)\nmqtt-answers=\(answers)"
        ).check()
      }
    }

    @Test(
      "takes answers that no filter takes in",
      arguments: [
        ("motor/+/readings", "motor/%d/state"), ("a/+", "a/%d/b"), ("a/+/b", "a/%d"),
        ("in/+/#", "%d"), ("#", "$own/%d"), ("a/yb", "a/x%d"), ("a/+", "b/%d"),
      ])
    func otherTopics(filter: String, answers: String) throws {
      try Configuration(
        parsing: "model=x\nmqtt=h:1\nmqtt-topic=\(filter)\nmqtt-answers=\(answers)"
      ).check()
    }
  #endif

  @Test("names settings that do nothing without another one")
  func idle() throws {
    let configuration = try Configuration(
      parsing: "model=a\ndevice-class=pump\njournal-files=2\nmqtt-qos=0\nsocket=x\n")
    #expect(configuration.idle.map(\.name) == ["device-class", "journal-files", "mqtt-qos"])
    #expect(configuration.idle.map(\.needs) == ["keyring", "state", "mqtt"])
  }

  @Test("asks for a model and for something to serve")
  func incomplete() throws {
    #expect(throws: GatewayError.self) { try Configuration(parsing: "socket = x").check() }
    #expect(throws: GatewayError.self) { try Configuration(parsing: "model = x").check() }
  }
}
