// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQFormat
import NNQGateway
import NNQTestSupport
import Testing

/// What senders do wrong, at the socket of the real daemon: what they are answered and what is counted.
@Suite(.enabled(if: ChildProcess.isThere, "nnqd was not built with the tests"))
struct TroubleTests {
  private static let names = (try? motorModel().model.features.map(\.name)) ?? []

  /// A line with one reading spelt like this.
  private static func line(_ reading: String) -> String {
    let rest = names.dropFirst().map { "\"\($0)\":1" }.joined(separator: ",")
    return "{\"x\":{\"\(names.first ?? "")\":\(reading),\(rest)}}\n"
  }

  static let cases: [(bytes: [UInt8], reason: String)] = [
    (Array(line("NaN").utf8), "malformed"), (Array(line("null").utf8), "missing-feature"),
    (Array(line("1e99").utf8), "not-finite"),
    (Array("{\"x\":{\"smell\":1}}\n".utf8), "unknown-feature"),
    (Array("{\"x\":{\"speed\":1}}\n".utf8), "missing-feature"),
    (Array("{\"device\":\"b\",\"x\":{}}\n".utf8), "unknown-device"),
    (frame(.nan), "missing-feature"), (frame(.signalingNaN), "missing-feature"),
    (frame(.infinity), "not-finite"),
    (Array(frame(1).dropLast()) + [0], "checksum"),
    ([0xF1, 0x6E, 9, 9, 9, 9, 9, 9, 9, 9, 0x0A], "bad-frame"),
    ([0x00, 0xFF, 0xFE, 0x80, 0x0A], "malformed"),
    ([UInt8](repeating: 0x61, count: 10_000_000) + [0x0A], "too-long"),
  ]

  private static func frame(_ first: Float) -> [UInt8] {
    let readings = [first] + [Float](repeating: 1, count: names.count - 1)
    return Frame.request(
      .readings, device: [0x61], sequence: nil, values: readings.map(\.bitPattern))
  }

  @Test(
    "answers what cannot be decided with a reason, counts it, and goes on", arguments: cases.indices
  )
  func trouble(index: Int) throws {
    let (bytes, reason) = Self.cases[index]
    let folder = TemporaryFolder()
    folder.put("a\n", in: "devices")
    let allows = reason == "unknown-device" || bytes.first == 0xF1
    let gateway = try GatewayProcess(
      "--model \"$M\" --allow-unsigned \(allows ? "--devices \"$D/devices\"" : "")", in: folder)
    let caller = try #require(gateway.connect())
    caller.send(bytes)
    #expect(gateway.waits(for: "refused_total{reason=\"\(reason)\"}", 1))
    #expect(try gateway.metric("decisions_total") == 0)
    #expect(try gateway.ask(try goldenLine(1)).contains("\"verdict\":\"healthy\""))
  }

  @Test("lets callers wait, without a busy loop, while the system has no descriptor for them")
  func noDescriptors() throws {
    let gateway = try GatewayProcess("--model \"$M\" --allow-unsigned", before: "ulimit -n 32;")
    let first = try #require(gateway.connect())
    var others: [Caller] = []
    for _ in 0..<64 { others.append(try #require(gateway.connect())) }
    func metric(_ name: String) -> Int? {
      first.send(Array("metrics\n".utf8))
      var value: Int?
      while let line = first.line(), line != "# EOF" {
        if line.hasPrefix("nnqd_\(name) ") {
          value = line.split(separator: " ").last.flatMap { Int($0) }
        }
      }
      return value
    }
    #expect(eventually { (metric("accept_failures_total") ?? 0) >= 2 })
    // A busy loop turns thousands of times in this time.
    let turns = try #require(metric("turns_total"))
    usleep(300_000)
    #expect(try #require(metric("turns_total")) - turns < 20)
    others.removeAll()
    #expect(eventually { gateway.connect() != nil })
    #expect(try gateway.ask(try goldenLine(1)).contains("\"verdict\""))
  }
}
