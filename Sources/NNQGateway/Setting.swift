// SPDX-License-Identifier: Apache-2.0

/// One thing that the daemon can be told: `--name VALUE` on the command line, `name = VALUE` in the
/// configuration.
struct Setting: Sendable {
  let name: String
  /// What stands for the value in help; empty for a switch.
  let value: String
  let help: String
  /// Whether a reload takes a changed value in; others wait for the next start.
  let isLive: Bool
  /// What the value may be, to stand after "is not".
  let allowed: String
  /// Takes the value in; false when it is none of what is allowed.
  let apply: @Sendable (inout Configuration, String) -> Bool
  /// Takes the value over from another configuration; whether it was another one.
  let copy: @Sendable (inout Configuration, Configuration) -> Bool

  private init<Value: Equatable & SendableMetatype>(
    _ name: String, _ value: String, _ help: String, isLive: Bool, allowed: String,
    _ path: any WritableKeyPath<Configuration, Value> & Sendable,
    parse: @escaping @Sendable (String) -> Value?
  ) {
    self.name = name
    self.value = value
    self.help = help
    self.isLive = isLive
    self.allowed = allowed
    apply = { configuration, text in
      guard let value = parse(text) else { return false }
      configuration[keyPath: path] = value
      return true
    }
    copy = { configuration, other in
      guard configuration[keyPath: path] != other[keyPath: path] else { return false }
      configuration[keyPath: path] = other[keyPath: path]
      return true
    }
  }

  /// What the value of a setting, or of `--config`, may be.
  static func allowed(_ name: String) -> String {
    all.first { $0.name == name }?.allowed ?? "a FILE"
  }

  /// - Parameters:
  ///   - isAllowed: of a text that is not empty.
  ///   - allowed: what that is; nil where all are allowed.
  static func text(
    _ name: String, _ value: String, _ help: String,
    _ path: any WritableKeyPath<Configuration, String?> & Sendable, isLive: Bool = false,
    allowed: String? = nil, where isAllowed: @escaping @Sendable (String) -> Bool = { _ in true }
  ) -> Setting {
    Setting(name, value, help, isLive: isLive, allowed: allowed ?? "a \(value)", path) {
      $0.isEmpty || !isAllowed($0) ? nil : .some($0)
    }
  }

  /// A name that goes to the broker.
  static func brokerName(
    _ name: String, _ help: String, _ path: any WritableKeyPath<Configuration, String?> & Sendable
  ) -> Setting {
    .text(name, "NAME", help, path, allowed: "a NAME without control characters") { text in
      !text.unicodeScalars.contains { $0.properties.generalCategory == .control }
    }
  }

  /// `HOST:PORT`.
  static func address(
    _ name: String, _ help: String,
    _ path: any WritableKeyPath<Configuration, String?> & Sendable
  ) -> Setting {
    .text(
      name, "HOST:PORT", help, path, allowed: "HOST:PORT with a port from 1 to \(UInt16.max)"
    ) { (try? Configuration.address($0, of: name)) != nil }
  }

  static func toggle(
    _ name: String, _ help: String, _ path: any WritableKeyPath<Configuration, Bool> & Sendable,
    isLive: Bool = false
  ) -> Setting {
    Setting(name, "", help, isLive: isLive, allowed: "yes or no", path) {
      $0 == "yes" ? true : $0 == "no" ? false : nil
    }
  }

  static func number(
    _ name: String, _ value: String, _ help: String, _ range: ClosedRange<Int>,
    _ path: any WritableKeyPath<Configuration, Int> & Sendable, isLive: Bool = false
  ) -> Setting {
    Setting(
      name, value, help, isLive: isLive,
      allowed: "a whole number from \(range.lowerBound) to \(range.upperBound)", path
    ) { text in
      Int(text).flatMap { range.contains($0) ? $0 : nil }
    }
  }

  static func share(
    _ name: String, _ help: String, _ path: any WritableKeyPath<Configuration, Double> & Sendable
  ) -> Setting {
    Setting(name, "0...1", help, isLive: true, allowed: "a number from 0 to 1", path) { text in
      Double(text).flatMap { $0 >= 0 && $0 <= 1 ? $0 : nil }
    }
  }

  static let all: [Setting] = [
    .text("model", "FILE", "The int8 model to begin with", \.model),
    .text("models", "FOLDER", "Watch this folder for new models", \.models),
    .text(
      "state", "FOLDER",
      "Keep accepted messages, models and statistics here; answers then wait "
        + "until the message is on disk", \.state),
    .text("socket", "PATH", "Serve JSON lines and binary frames on this Unix socket", \.socket),
    .toggle("stdin", "Serve standard input too", \.readsStandardInput),
    .toggle("allow-unsigned", "Take models without a signature", \.allowsUnsigned, isLive: true),
    .text("keyring", "FILE", "The key ring that models are checked against", \.keys, isLive: true),
    .text(
      "device-class", "NAME", "Take only models signed for this class", \.deviceClass, isLive: true),
    .text(
      "devices", "FILE", "Answer only the devices named in this file, one a line", \.devices,
      isLive: true),
    .number(
      "device-limit", "N", "The most devices whose sequence numbers are kept", 1...1_000_000,
      \.deviceLimit),
    .number(
      "connection-limit", "N", "The most senders at the socket", 1...10_000, \.connectionLimit,
      isLive: true),
    .number(
      "stall-seconds", "N", "Cut off a sender that stays inside a message or takes no answers",
      1...86_400, \.stallSeconds, isLive: true),
    .number(
      "model-memory", "BYTES", "The most memory that a model may need", 1 << 16...1 << 30,
      \.memoryLimit, isLive: true),
    .text(
      "shadow", "FILE", "Compare this float or int8 model with the live one", \.shadow, isLive: true
    ),
    .number(
      "trial-messages", "N", "Messages that a new model decides beside the live one; 0: none",
      0...1_000_000, \.trialMessages, isLive: true),
    .number(
      "trial-seconds", "N", "End the trial after this time with the messages that came",
      1...86_400, \.trialSeconds, isLive: true),
    .number(
      "probation-messages", "N", "Messages after which a new live model is settled",
      0...1_000_000, \.probationMessages, isLive: true),
    .number(
      "probation-seconds", "N", "Settle a new live model after this time", 1...86_400,
      \.probationSeconds, isLive: true),
    .share(
      "max-flips", "The largest share of decisions in which a new model may differ", \.maxFlips),
    .share(
      "max-saturated", "The largest share of decisions with all outputs at an end of their range",
      \.maxSaturated),
    .number(
      "journal-bytes", "BYTES", "Begin a new file of the journal from this size on",
      1 << 12...1 << 40, \.journalBytes),
    .number("journal-files", "N", "Files of the journal that are kept", 1...10_000, \.journalFiles),
    .toggle("statistics", "Count what the model meets", \.keepsStatistics),
    .text(
      "metrics-file", "FILE", "Write the metrics here every ten seconds", \.metricsFile,
      isLive: true),
    .address("metrics", "Serve /metrics and /healthz over HTTP", \.metrics),
    .address("mqtt", "Take messages from this broker", \.mqtt),
    .text(
      "mqtt-topic", "FILTER", "Subscribe to this; + and # as MQTT has them", \.mqttTopic,
      allowed: "a FILTER, in which + and # are whole levels and # the last one"
    ) { TopicFilter($0) != nil },
    .text(
      "mqtt-answers", "TOPIC", "Publish answers here; %d is the device, %% a percent sign",
      \.mqttAnswers, allowed: "a TOPIC without + and #, in which d or % stands after a percent sign"
    ) { TopicPattern($0) != nil },
    .number("mqtt-qos", "0|1", "The quality of service, both ways", 0...1, \.mqttQuality),
    .brokerName("mqtt-id", "The client's name at the broker", \.mqttIdentity),
    .brokerName("mqtt-user", "The user at the broker", \.mqttUser),
    .text("mqtt-password-file", "FILE", "A file with the password", \.mqttPasswordFile),
    .text("mqtt-ca", "FILE", "Speak TLS and trust these authorities", \.mqttAuthorities),
    .text("mqtt-cert", "FILE", "The client's certificate", \.mqttCertificate),
    .text("mqtt-key", "FILE", "The client's key", \.mqttKey),
    .number(
      "spool-bytes", "BYTES", "Answers that are kept while the broker is away", 1 << 12...1 << 36,
      \.spoolBytes),
    .number(
      "spool-seconds", "N", "How long they are kept", 1...31_536_000, \.spoolSeconds),
  ]
}
