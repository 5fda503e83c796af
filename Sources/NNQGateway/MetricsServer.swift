// SPDX-License-Identifier: Apache-2.0
#if Metrics
  import CGateway
  import CMicroHTTP
  import Glibc
  import Synchronization

  /// Serves `/metrics` and `/healthz` from a thread of its own. A request rings a bell and waits a
  /// little for the loop to write the texts, so that a caller who never reads keeps nobody waiting, and
  /// a loop that hangs is seen.
  @safe
  final class MetricsServer: Sendable {
    private struct Texts {
      var metrics: [UInt8] = []
      var health: [UInt8] = []
      var isHealthy = false
      var written = Int64.min
    }

    private struct Counts {
      var answers: UInt64 = 0
      var unknown: UInt64 = 0
      var late: UInt64 = 0
      var cutOff: UInt64 = 0
      var gone: UInt64 = 0
      var silent: UInt64 = 0
    }

    /// The most callers at a time.
    private static let callerLimit: UInt32 = 16
    /// Texts of this age are good enough.
    private static let freshMilliseconds: Int64 = 100
    /// The longest that a caller waits for the loop.
    private static let patienceMilliseconds: Int64 = 1000

    /// Readable when somebody wants texts: the loop calls ``publish(metrics:health:isHealthy:)``.
    let bell: Int32
    private let written: Int32
    /// An `nnq_http_watch`, which lives as long as the process.
    private let watch: UInt
    private let idleSeconds: UInt32
    private let texts = Mutex(Texts())
    private let counts = Mutex(Counts())

    /// - Parameter idleSeconds: the longest that a request and its answer may take, from the connection or
    ///   the answer before.
    /// - Throws: ``GatewayError`` when the address cannot be listened at.
    init(_ address: String, idleSeconds: Int) throws(GatewayError) {
      let (host, port) = try Configuration.address(address, of: "metrics")
      bell = gateway_wake_descriptor()
      written = gateway_wake_descriptor()
      guard bell >= 0, written >= 0 else { throw GatewayError(call: "eventfd", errno) }
      self.idleSeconds = UInt32(clamping: idleSeconds)
      let watch = unsafe nnq_http_make_watch(
        { own, end in
          guard let own = unsafe own else { return }
          unsafe Unmanaged<MetricsServer>.fromOpaque(own).takeUnretainedValue().ended(end)
        }, Self.callerLimit)
      guard let watch = unsafe watch else { throw GatewayError(call: "calloc", errno) }
      self.watch = UInt(bitPattern: watch)
      // It serves as long as the process lives.
      let own = unsafe Unmanaged.passRetained(self).toOpaque()
      let server = unsafe nnq_http_start(
        watch, host, "\(port)", self.idleSeconds,
        { own, connection, path, method, _, _, _, request in
          guard let own = unsafe own, let path = unsafe path, let method = unsafe method else {
            return unsafe nnq_http_answer(connection, 400, nil, 0)
          }
          unsafe nnq_http_asked(connection)
          let isGet = unsafe strcmp(method, "GET") == 0
          // An answer at the first call, before all of the request is read, would end the connection.
          if isGet, let request = unsafe request, unsafe request.pointee == nil {
            unsafe request.pointee = own
            return .YES
          }
          let server = unsafe Unmanaged<MetricsServer>.fromOpaque(own).takeUnretainedValue()
          return unsafe server.answer(connection, String(cString: path), isGet: isGet)
        },
        { own, connection, _, end in
          guard let own = unsafe own, unsafe nnq_http_completed(connection) == 0 else { return }
          let server = unsafe Unmanaged<MetricsServer>.fromOpaque(own).takeUnretainedValue()
          server.completed(end)
        }, own)
      guard unsafe server != nil else { throw GatewayError(call: "listen \(address)", errno) }
    }

    /// Called by the loop once a second: cuts off who asks or reads byte by byte for too long.
    func sweep() {
      unsafe nnq_http_sweep(UnsafeMutablePointer(bitPattern: watch), idleSeconds)
    }

    /// Called by the loop.
    func publish(metrics: String, health: String, isHealthy: Bool) {
      gateway_drain(bell)
      texts.withLock {
        $0 = Texts(
          metrics: Array(metrics.utf8), health: Array(health.utf8), isHealthy: isHealthy,
          written: monotonicMilliseconds())
      }
      _ = gateway_wake(written)
    }

    func addMetrics(to metrics: inout MetricsText) {
      let counts = counts.withLock { $0 }
      metrics.counter(
        "http_answers_total", "Answers to callers of the metrics",
        [
          ("result=\"figures\"", counts.answers), ("result=\"unknown\"", counts.unknown),
          ("result=\"late\"", counts.late),
        ])
      metrics.counter(
        "http_dropped_total",
        "Callers of the metrics that did not take their answer or asked nothing",
        [
          ("reason=\"slow\"", counts.cutOff), ("reason=\"gone\"", counts.gone),
          ("reason=\"silent\"", counts.silent),
        ])
    }

    // MARK: - On the server's thread

    private func answer(
      _ connection: OpaquePointer?, _ path: String, isGet: Bool
    ) -> MHD_Result {
      var (status, body): (UInt32, [UInt8]) = (404, Array("not found\n".utf8))
      if !isGet {
        (status, body) = (405, Array("only GET\n".utf8))
      } else if path == "/metrics" || path == "/healthz" {
        if let texts = freshTexts() {
          (status, body) =
            path == "/metrics"
            ? (200, texts.metrics) : (texts.isHealthy ? 200 : 503, texts.health + [0x0A])
        } else {
          (status, body) = (503, Array("{\"status\":\"stalled\"}\n".utf8))
        }
      }
      counts.withLock {
        switch status {
        case 404, 405: $0.unknown += 1
        case 503 where path == "/metrics": $0.late += 1
        default: $0.answers += 1
        }
      }
      return unsafe body.withUnsafeBytes {
        unsafe nnq_http_answer(connection, status, $0.baseAddress, $0.count)
      }
    }

    /// What the loop wrote just now; nil when it does not within a second.
    private func freshTexts() -> Texts? {
      let start = monotonicMilliseconds()
      gateway_drain(written)
      var isAsked = false
      while true {
        let texts = texts.withLock { $0 }
        if texts.written > start - Self.freshMilliseconds { return texts }
        let rest = start + Self.patienceMilliseconds - monotonicMilliseconds()
        guard rest > 0 else { return nil }
        if !isAsked { _ = gateway_wake(bell) }
        isAsked = true
        var poll = pollfd(fd: written, events: Int16(POLLIN), revents: 0)
        _ = unsafe Glibc.poll(&poll, 1, Int32(clamping: rest))
        gateway_drain(written)
      }
    }

    private func ended(_ end: nnq_http_end) {
      counts.withLock {
        switch end {
        case NNQ_HTTP_SILENT: $0.silent += 1
        case NNQ_HTTP_LATE: $0.cutOff += 1
        default: break
        }
      }
    }

    private func completed(_ end: MHD_RequestTerminationCode) {
      counts.withLock {
        switch end {
        case .REQUEST_TERMINATED_TIMEOUT_REACHED: $0.cutOff += 1
        case .REQUEST_TERMINATED_WITH_ERROR, .REQUEST_TERMINATED_READ_ERROR,
          .REQUEST_TERMINATED_CLIENT_ABORT:
          $0.gone += 1
        default: break
        }
      }
    }
  }
#endif
