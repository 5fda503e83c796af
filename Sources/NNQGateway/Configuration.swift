// SPDX-License-Identifier: Apache-2.0

/// What the daemon was told; ``Setting/all`` says what each means.
package struct Configuration: Equatable, Sendable {
  package var model: String?
  package var models: String?
  package var state: String?
  package var socket: String?
  package var readsStandardInput = false
  package var allowsUnsigned = false
  package var keys: String?
  package var deviceClass: String?
  package var devices: String?
  package var deviceLimit = 65_536
  package var connectionLimit = 1024
  package var stallSeconds = 30
  package var memoryLimit = 1 << 25
  package var shadow: String?
  package var trialMessages = 100
  package var trialSeconds = 60
  package var probationMessages = 1000
  package var probationSeconds = 600
  package var maxFlips = 0.5
  package var maxSaturated = 0.5
  package var journalBytes = 1 << 26
  package var journalFiles = 4
  package var keepsStatistics = false
  package var metricsFile: String?
  package var metrics: String?
  package var mqtt: String?
  package var mqttTopic: String?
  package var mqttAnswers: String?
  package var mqttQuality = 1
  package var mqttIdentity: String?
  package var mqttUser: String?
  package var mqttPasswordFile: String?
  package var mqttAuthorities: String?
  package var mqttCertificate: String?
  package var mqttKey: String?
  package var spoolBytes = 1 << 24
  package var spoolSeconds = 3600

  package init() {}

  /// Reads a configuration's text: `name = value` lines; empty ones and those that start with `#` are
  /// left out.
  ///
  /// - Throws: ``GatewayError`` that names the line.
  package init(parsing text: String) throws(GatewayError) {
    var given: Set<String> = []
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (index, line) in lines.enumerated() {
      let words = line.trimmed
      if words.isEmpty || words.hasPrefix("#") { continue }
      guard let equals = words.firstIndex(of: "=") else { throw .malformedLine(line: index + 1) }
      let name = String(words[..<equals].trimmed)
      guard given.insert(name).inserted else { throw .repeatedSetting(name, line: index + 1) }
      try set(name, String(words[words.index(after: equals)...].trimmed), line: index + 1)
    }
  }

  /// Takes one setting in; `line` is 0 for the command line.
  package mutating func set(
    _ name: String, _ value: String, line: Int = 0
  ) throws(GatewayError) {
    guard let setting = Setting.all.first(where: { $0.name == name }) else {
      throw .unknownSetting(name, line: line)
    }
    guard setting.apply(&self, value) else { throw .badSetting(name, value: value, line: line) }
  }

  /// Throws when a setting needs another one that is not there.
  ///
  /// - Parameter hasSocket: whether the service manager hands a socket over.
  package func check(hasSocket: Bool = false) throws(GatewayError) {
    if model == nil, models == nil, state == nil { throw .incomplete("", needs: "model") }
    if socket == nil, mqtt == nil, !readsStandardInput, !hasSocket {
      throw .incomplete("", needs: "socket")
    }
    if mqtt != nil, mqttTopic == nil { throw .incomplete("mqtt", needs: "mqtt-topic") }
    try checkTopics()
    if mqttAnswers != nil, mqtt == nil { throw .incomplete("mqtt-answers", needs: "mqtt") }
    if mqttPasswordFile != nil, mqttUser == nil {
      throw .incomplete("mqtt-password-file", needs: "mqtt-user")
    }
    if mqttCertificate ?? mqttKey != nil, mqttAuthorities == nil {
      throw .incomplete(mqttCertificate == nil ? "mqtt-key" : "mqtt-cert", needs: "mqtt-ca")
    }
    if (mqttCertificate == nil) != (mqttKey == nil) {
      throw mqttKey == nil
        ? .incomplete("mqtt-cert", needs: "mqtt-key") : .incomplete("mqtt-key", needs: "mqtt-cert")
    }
    #if !MQTT
      if mqtt != nil { throw .notBuilt("mqtt", trait: "MQTT") }
    #endif
    #if !Metrics
      if metrics != nil { throw .notBuilt("metrics", trait: "Metrics") }
    #endif
  }

  /// Settings that were given and do nothing, because another one is not there.
  package var idle: [(name: String, needs: String)] {
    let first = Configuration()
    var idle: [(name: String, needs: String)] = []
    func look(_ isThere: Bool, _ names: [String], needs: String) {
      if isThere { return }
      for setting in Setting.all where names.contains(setting.name) {
        var other = first
        if setting.copy(&other, self) { idle.append((setting.name, needs)) }
      }
    }
    look(keys != nil, ["device-class"], needs: "keyring")
    look(
      state != nil, ["journal-bytes", "journal-files", "spool-bytes", "spool-seconds"],
      needs: "state")
    look(
      mqtt != nil,
      [
        "mqtt-topic", "mqtt-qos", "mqtt-id", "mqtt-user", "mqtt-ca", "mqtt-cert", "mqtt-key",
      ], needs: "mqtt")
    return idle
  }

  /// Throws where the daemon would answer its own answers.
  private func checkTopics() throws(GatewayError) {
    guard let mqttTopic, let mqttAnswers, let filter = TopicFilter(mqttTopic),
      let answers = TopicPattern(mqttAnswers), filter.mayMatch(answers)
    else { return }
    throw .answersToItself(mqttAnswers, filter: mqttTopic)
  }

  /// `HOST:PORT` in its parts.
  static func address(
    _ text: String, of setting: String
  ) throws(GatewayError) -> (host: String, port: UInt16) {
    guard let colon = text.lastIndex(of: ":"), colon != text.startIndex,
      let port = UInt16(text[text.index(after: colon)...]), port > 0
    else { throw .badSetting(setting, value: text, line: 0) }
    var host = text[..<colon]
    // An IPv6 address stands in brackets.
    if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
    guard !host.isEmpty, !host.contains("["), !host.contains("]") else {
      throw .badSetting(setting, value: text, line: 0)
    }
    return (String(host), port)
  }
}

extension StringProtocol {
  fileprivate var trimmed: SubSequence {
    var rest = self[...]
    while let first = rest.first, first == " " || first == "\t" || first == "\r" {
      rest = rest.dropFirst()
    }
    while let last = rest.last, last == " " || last == "\t" || last == "\r" {
      rest = rest.dropLast()
    }
    return rest
  }
}
