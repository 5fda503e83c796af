// SPDX-License-Identifier: Apache-2.0
#if MQTT
  import Glibc
  import NNQGateway
  import NNQTestSupport
  import Testing

  /// A mosquitto of the test's own.
  final class Mosquitto {
    static let isThere = [
      "/usr/sbin/mosquitto", "/usr/bin/mosquitto_pub", "/usr/bin/openssl",
    ].allSatisfy { (path: String) in unsafe access(path, X_OK) == 0 }

    let port = freePort()
    private let child: ChildProcess

    init(_ folder: TemporaryFolder, _ settings: String) throws {
      folder.put("listener \(port) 127.0.0.1\n\(settings)", in: "broker.conf")
      child = ChildProcess("exec /usr/sbin/mosquitto -c '\(folder("broker.conf"))'")
      let port = port
      try #require(eventually { Caller(port: port) != nil }, "\(child.errors)")
    }

    deinit {
      child.send(SIGKILL)
      _ = child.finish()
    }
  }

  /// With a real mosquitto on loopback and its command line clients.
  @Suite(
    .enabled(
      if: ChildProcess.isThere && Mosquitto.isThere,
      "nnqd was not built with the tests, or mosquitto, its clients or openssl are not there"))
  struct BrokerTests {
    private static let common = "--model \"$M\" --allow-unsigned"

    @Test(
      "takes messages of wildcard topics and answers them, with both qualities", arguments: [0, 1])
    func messages(quality: Int) throws {
      let folder = TemporaryFolder()
      let broker = try Mosquitto(folder, "allow_anonymous true\n")
      let gateway = try GatewayProcess(
        "\(Self.common) --mqtt 127.0.0.1:\(broker.port) --mqtt-topic 'plant/+/+/readings' "
          + "--mqtt-answers 'answers/%d/state' --mqtt-qos \(quality)", in: folder)
      try #require(gateway.waits(for: "mqtt_connected", 1))
      let client = "-p \(broker.port) -q \(quality)"
      let listener = ChildProcess("exec mosquitto_sub \(client) -t 'answers/#' -v -C 2 -W 20")
      usleep(300_000)
      let anonymous = try goldenLine(1).split(separator: "\"seq\"").last.map { "{\"seq\"\($0)" }
      folder.put(try #require(anonymous), in: "unnamed")
      folder.put(try goldenLine(2), in: "named")
      let answer = ChildProcess.run(
        "mosquitto_pub \(client) -t plant/press/motor9/readings -f '\(folder("unnamed"))' && "
          + "mosquitto_pub \(client) -t plant/press/motor9/readings -f '\(folder("named"))' && "
          + "mosquitto_pub \(client) -t plant/motor9/readings -f '\(folder("named"))'")
      #expect(answer.code == 0, "\(answer.errors)")
      // The device is the first wildcard's level, or the one that the message names.
      #expect(
        listener.line()?.hasPrefix("answers/press/state {\"device\":\"press\",\"seq\":1,") == true)
      #expect(listener.line()?.hasPrefix("answers/a/state {\"device\":\"a\",\"seq\":2,") == true)
      _ = listener.finish()
      #expect(try gateway.metric("mqtt_received_total") == 2)
      #expect(gateway.waits(for: "mqtt_in_flight", 0))
      gateway.send(SIGTERM)
      #expect(gateway.finish().code == 0)
    }

    @Test("drops and counts an answer that no broker takes, and sends those behind it")
    func unsendable() throws {
      let folder = TemporaryFolder()
      let broker = try Mosquitto(folder, "allow_anonymous true\n")
      // A message that names no device has an answer without a topic.
      let gateway = try GatewayProcess(
        "\(Self.common) --mqtt 127.0.0.1:\(broker.port) --mqtt-topic 'in/+/#' --mqtt-answers '%d' "
          + "--state \"$D/state\"", in: folder)
      try #require(gateway.waits(for: "mqtt_connected", 1))
      let client = "-p \(broker.port) -q 1"
      let listener = ChildProcess("exec mosquitto_sub \(client) -t a -C 1 -W 20")
      usleep(300_000)
      folder.put("{\"x\":[]}", in: "unnamed")
      folder.put(try goldenLine(1), in: "named")
      // Whose name would choose another topic.
      folder.put(try goldenLine(1).replacing("\"a\"", with: "\"x/y\""), in: "levels")
      let long = String(repeating: "l", count: 300)
      let sent = ChildProcess.run(
        "mosquitto_pub \(client) -t in//x -f '\(folder("unnamed"))' && "
          + "mosquitto_pub \(client) -t in/\(long)/x -f '\(folder("unnamed"))' && "
          + "mosquitto_pub \(client) -t in/b/x -f '\(folder("levels"))' && "
          + "mosquitto_pub \(client) -t in/b/x -f '\(folder("named"))'")
      #expect(sent.code == 0, "\(sent.errors)")
      #expect(listener.line()?.hasPrefix("{\"device\":\"a\",\"seq\":1,") == true)
      _ = listener.finish()
      #expect(try gateway.metric("mqtt_lost_total{reason=\"refused\"}") == 3)
      #expect(try gateway.metric("decisions_total") == 2)
      #expect(try gateway.metric("mqtt_waiting") == 0)
      #expect(try gateway.metric("spool_stored_total") == 0)
    }

    @Test("shows the broker its password, and says in a sentence that a wrong one is refused")
    func password() throws {
      let folder = TemporaryFolder()
      folder.put("right\n", in: "right")
      folder.put("wrong\n", in: "wrong")
      let made = ChildProcess.run("mosquitto_passwd -b -c '\(folder("users"))' gateway right")
      try #require(made.code == 0, "\(made.errors)")
      unsafe chmod(folder("users"), 0o644)
      let broker = try Mosquitto(
        folder, "allow_anonymous false\npassword_file \(folder("users"))\nuser root\n")
      for name in ["right", "wrong"] {
        let gateway = try GatewayProcess(
          "\(Self.common) --mqtt 127.0.0.1:\(broker.port) --mqtt-topic 'a/+' "
            + "--mqtt-user gateway --mqtt-password-file \"$D/\(name)\"", in: folder)
        if name == "right" {
          #expect(gateway.waits(for: "mqtt_connected", 1), "\(gateway.log)")
        } else {
          #expect(
            gateway.logs(
              "<4>the broker at 127.0.0.1:\(broker.port) refuses: Connection Refused: not authorised."
            ),
            "\(gateway.log)")
          #expect(try gateway.metric("mqtt_connected") == 0)
          #expect(try gateway.ask(try goldenLine(1)).contains("verdict"))
        }
        gateway.send(SIGTERM)
        #expect(gateway.finish().code == 0)
      }
    }

    @Test(
      "speaks TLS with a broker whose authority it trusts, and says that another is not trusted")
    func certificates() throws {
      let folder = TemporaryFolder()
      let made = ChildProcess.run(
        """
        cd '\(folder.path)' && exec 2>/dev/null
        for name in ours theirs; do
          openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=$name" \
            -keyout $name.key -out $name.crt || exit 1
        done
        openssl req -newkey rsa:2048 -nodes -subj /CN=127.0.0.1 -keyout broker.key -out broker.csr &&
          printf 'subjectAltName=IP:127.0.0.1\\n' >names &&
          openssl x509 -req -in broker.csr -CA ours.crt -CAkey ours.key -CAcreateserial -days 2 \
            -extfile names -out broker.crt && chmod 644 broker.key
        """)
      try #require(made.code == 0)
      let broker = try Mosquitto(
        folder,
        "allow_anonymous true\ncertfile \(folder("broker.crt"))\nkeyfile \(folder("broker.key"))\n"
          + "cafile \(folder("ours.crt"))\nuser root\n")
      for name in ["ours", "theirs"] {
        let gateway = try GatewayProcess(
          "\(Self.common) --mqtt 127.0.0.1:\(broker.port) --mqtt-topic 'a/+' --mqtt-answers 'b/%d' "
            + "--mqtt-ca \"$D/\(name).crt\"", in: folder)
        if name == "ours" {
          try #require(gateway.waits(for: "mqtt_connected", 1), "\(gateway.log)")
          // More at a time than one read takes, so that some lies in the library's own buffer.
          let lines = try (1...1000).map { try goldenLine($0) + "\n" }.joined()
          folder.put(lines, in: "lines")
          let sent = ChildProcess.run(
            "exec mosquitto_pub -h 127.0.0.1 -p \(broker.port) --cafile '\(folder("ours.crt"))' -q 1 -t a/x -l "
              + "<'\(folder("lines"))'")
          #expect(sent.code == 0, "\(sent.errors)")
          #expect(gateway.waits(for: "decisions_total", 1000))
        } else {
          #expect(gateway.logs("certificate verify failed"), "\(gateway.log)")
          #expect(try gateway.metric("mqtt_connected") == 0)
        }
        gateway.send(SIGTERM)
        #expect(gateway.finish().code == 0)
      }
    }

    @Test("says that a file of certificates is missing, at a start and at a check")
    func missingAuthorities() throws {
      for check in ["", "--check"] {
        let gateway = try GatewayProcess(
          "\(Self.common) --mqtt 127.0.0.1:1 --mqtt-topic 'a/+' --mqtt-ca \"$D/none.crt\" \(check)",
          waits: false)
        let answer = gateway.finish()
        #expect(answer.code == 4)
        #expect(
          answer.errors.contains("none.crt: cannot open: No such file or directory"),
          "\(answer.errors)")
      }
    }

    @Test("says and counts that the broker refuses its subscription, and answers at its socket")
    func refusedSubscription() throws {
      let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      defer { close(listener) }
      let port = freePort()
      var address = loopback(port)
      unsafe withUnsafeMutablePointer(to: &address) {
        unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          unsafe _ = bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
      // Its connection has the same.
      var patience = timeval(tv_sec: 20, tv_usec: 0)
      unsafe setsockopt(
        listener, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
      listen(listener, 1)
      let gateway = try GatewayProcess(
        "\(Self.common) --mqtt 127.0.0.1:\(port) --mqtt-topic 'a/+'")
      let broker = accept(listener, nil, nil)
      defer { close(broker) }
      var packet = [UInt8](repeating: 0, count: 256)
      // CONNECT, SUBSCRIBE, and what they are answered with; byte 2 and 3 are the packet's number.
      #expect(unsafe read(broker, &packet, 256) > 0 && packet[0] == 0x10)
      #expect(unsafe write(broker, [0x20, 2, 0, 0] as [UInt8], 4) == 4)
      #expect(unsafe read(broker, &packet, 256) > 0 && packet[0] == 0x82)
      #expect(unsafe write(broker, [0x90, 3, packet[2], packet[3], 0x80], 5) == 5)
      #expect(gateway.logs("<4>the broker refuses the subscription to a/+"), "\(gateway.log)")
      #expect(try gateway.metric("mqtt_failures_total") == 1)
      #expect(try gateway.ask(try goldenLine(1)).contains("verdict"))
    }

    @Test("says that nobody listens, counts it, and answers at its socket meanwhile")
    func away() throws {
      let port = freePort()
      let gateway = try GatewayProcess(
        "\(Self.common) --mqtt 127.0.0.1:\(port) --mqtt-topic 'a/+'")
      #expect(gateway.logs("<4>the broker at 127.0.0.1:\(port) is away: Connection refused"))
      #expect(try gateway.ask(try goldenLine(1)).contains("verdict"))
      #expect(eventually { ((try? gateway.metric("mqtt_failures_total")) ?? 0) >= 2 })
    }
  }
#endif
