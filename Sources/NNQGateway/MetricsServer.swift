// SPDX-License-Identifier: Apache-2.0
#if Metrics
  import CMicroHTTP
  import Glibc
  import Synchronization

  /// Serves `/metrics` and `/healthz` from a thread of its own; the loop gives it the texts, so that a
  /// caller that never reads keeps nobody waiting.
  @safe
  final class MetricsServer: Sendable {
    private struct Texts {
      var metrics: [UInt8] = []
      var health: [UInt8] = []
      var isHealthy = false
    }

    /// The most callers at a time, and after how many seconds one that does nothing is cut off.
    private static let callerLimit: UInt32 = 16
    private static let idleSeconds: UInt32 = 10

    private let texts = Mutex(Texts())

    /// - Throws: ``GatewayError`` when the address cannot be listened at.
    init(_ address: String) throws(GatewayError) {
      let (host, port) = try Configuration.address(address, of: "metrics")
      // It serves as long as the process lives.
      let own = unsafe Unmanaged.passRetained(self).toOpaque()
      let server = unsafe nnq_http_start(
        host, port, Self.callerLimit, Self.idleSeconds,
        { own, connection, path, method, _, _, _, _ in
          guard let own = unsafe own, let path = unsafe path, let method = unsafe method else {
            return unsafe nnq_http_answer(connection, 400, nil, 0)
          }
          let server = unsafe Unmanaged<MetricsServer>.fromOpaque(own).takeUnretainedValue()
          return unsafe server.answer(
            connection, String(cString: path), isGet: strcmp(method, "GET") == 0)
        }, own)
      guard unsafe server != nil else { throw GatewayError(call: "listen \(address)", errno) }
    }

    func publish(metrics: String, health: String, isHealthy: Bool) {
      texts.withLock {
        $0 = Texts(metrics: Array(metrics.utf8), health: Array(health.utf8), isHealthy: isHealthy)
      }
    }

    private func answer(
      _ connection: OpaquePointer?, _ path: String, isGet: Bool
    ) -> MHD_Result {
      let texts = texts.withLock { $0 }
      var (status, body): (UInt32, [UInt8]) =
        switch path {
        case "/metrics": (200, texts.metrics)
        case "/healthz": (texts.isHealthy ? 200 : 503, texts.health)
        default: (404, Array("not found\n".utf8))
        }
      if !isGet { (status, body) = (405, Array("only GET\n".utf8)) }
      return unsafe body.withUnsafeBytes {
        unsafe nnq_http_answer(connection, status, $0.baseAddress, $0.count)
      }
    }
  }
#endif
