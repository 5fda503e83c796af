// SPDX-License-Identifier: Apache-2.0
#if Metrics
  import Glibc
  import NNQGateway
  import NNQTestSupport
  import Testing

  @Suite(.enabled(if: ChildProcess.isThere, "nnqd was not built with the tests"))
  struct MetricsServerTests {
    private let port = freePort()

    private func gateway(_ options: String, stallSeconds: Int = 1) throws -> GatewayProcess {
      try GatewayProcess(
        "--metrics 127.0.0.1:\(port) --stall-seconds \(stallSeconds) \(options)")
    }

    /// The status line and the body of what a request gets.
    private func get(_ path: String, _ method: String = "GET") throws -> (
      status: String, body: String
    ) {
      let caller = try #require(Caller(port: port))
      caller.send(Array("\(method) \(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".utf8))
      let text = String(decoding: caller.rest(), as: UTF8.self)
      let end = try #require(text.firstRange(of: "\r\n\r\n"), "\(text)")
      return ("\(text.prefix { $0 != "\r\n" && $0 != "\r" })", "\(text[end.upperBound...])")
    }

    @Test("answers /metrics in the text format of Prometheus with the figures of this moment")
    func metrics() throws {
      let gateway = try gateway(
        "--model \"$M\" --allow-unsigned --statistics --shadow \"$M\" --state \"$D/state\"")
      for count in 1...3 {
        #expect(try gateway.ask(try goldenLine(count)).contains("verdict"))
        usleep(150_000)
        let (status, body) = try get("/metrics")
        #expect(status == "HTTP/1.1 200 OK")
        let figures = try PrometheusText(parsing: body)
        #expect(figures["nnqd_decisions_total"] == Double(count))
        #expect(figures["nnqd_shadow_messages_total"] == Double(count))
        #expect(figures["nnqd_refused_total{reason=\"malformed\"}"] == 0)
        #expect(figures["nnqd_http_answers_total{result=\"figures\"}"] == Double(count - 1))
        #expect(figures.types["nnqd_shadow_distance"] == "histogram")
      }
    }

    @Test("answers /healthz with the model's hash, 503 before there is one, 404 and 405 for others")
    func health() throws {
      let folder = TemporaryFolder()
      _ = folder.makeFolder("models")
      let gateway = try GatewayProcess(
        "--metrics 127.0.0.1:\(port) --allow-unsigned --models \"$D/models\" --state \"$D/state\"",
        in: folder)
      #expect(try get("/healthz").status == "HTTP/1.1 503 Service Unavailable")
      folder.put(try motorModelBytes(), in: "models/a.bin")
      #expect(eventually { (try? self.get("/healthz").status) == "HTTP/1.1 200 OK" })
      let health = try JSONValue(parsing: try get("/healthz").body)
      #expect(health["model"] == .string(try motorModel().identity))
      #expect(try get("/").status == "HTTP/1.1 404 Not Found")
      #expect(try get("/metrics", "POST").status == "HTTP/1.1 405 Method Not Allowed")
      #expect(try gateway.metric("http_answers_total{result=\"unknown\"}") == 2)
    }

    @Test(
      "cuts off and counts a caller who asks and never reads; all others are answered meanwhile")
    func slowCaller() throws {
      let gateway = try gateway("--model \"$M\" --allow-unsigned")
      let slow = try #require(Caller(port: port, receives: 4096))
      let request = Array("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
      // Until the other side takes no more.
      var asked = 0
      while asked < 1_000_000, slow.send(request, isPatient: false) { asked += 1 }
      #expect(asked < 1_000_000)
      #expect(try gateway.ask(try goldenLine(1)).contains("verdict"))
      #expect(gateway.waits(for: "http_dropped_total{reason=\"slow\"}", 1), "\(asked)")
      #expect(try get("/healthz").status == "HTTP/1.1 200 OK")
    }

    @Test("cuts off and counts a caller who asks nothing, and one whose request does not end")
    func silentCaller() throws {
      let gateway = try gateway("--model \"$M\" --allow-unsigned")
      let silent = try #require(Caller(port: port))
      let slow = try #require(Caller(port: port))
      slow.send(Array("GET /metrics HT".utf8))
      #expect(try get("/healthz").status == "HTTP/1.1 200 OK")
      #expect(gateway.waits(for: "http_dropped_total{reason=\"silent\"}", 2))
      #expect(silent.rest().isEmpty)
      #expect(try gateway.metric("http_dropped_total{reason=\"slow\"}") == 0)
      #expect(try get("/healthz").status == "HTTP/1.1 200 OK")
    }

    @Test(
      "cuts off and counts a caller who dribbles a first request, and one who dribbles the next")
    func dribblers() throws {
      let gateway = try gateway("--model \"$M\" --allow-unsigned")
      for (asksFirst, reason) in [(false, "silent"), (true, "slow")] {
        let caller = try #require(Caller(port: port))
        if asksFirst { caller.send(Array("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n".utf8)) }
        let deadline = monotonicMilliseconds() + 20_000
        caller.send(Array("GET /healthz HTTP/1.1\r\nA: ".utf8))
        while caller.send([0x62]), monotonicMilliseconds() < deadline { usleep(100_000) }
        #expect(monotonicMilliseconds() < deadline)
        #expect(gateway.waits(for: "http_dropped_total{reason=\"\(reason)\"}", 1))
      }
      #expect(try get("/healthz").status == "HTTP/1.1 200 OK")
    }

    @Test("closes the oldest caller who has not asked when there are too many, and counts it")
    func manySilentCallers() throws {
      let gateway = try gateway("--model \"$M\" --allow-unsigned", stallSeconds: 60)
      var silent: [Caller] = []
      for _ in 0..<16 {
        let caller = try #require(Caller(port: port))
        caller.send(Array("GET /met".utf8))
        silent.append(caller)
      }
      #expect(try get("/healthz").status == "HTTP/1.1 200 OK")
      #expect(silent[0].rest().isEmpty)
      #expect(gateway.waits(for: "http_dropped_total{reason=\"silent\"}", 1))
    }
  }
#endif
