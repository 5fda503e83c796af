// SPDX-License-Identifier: Apache-2.0
#if Signing
  import Glibc
  import NNQFormat
  import NNQGateway
  import NNQSigning
  import NNQTestSupport
  import Testing

  /// A model that runs and is no longer trusted.
  @Suite(.enabled(if: ChildProcess.isThere, "nnqd was not built with the tests"))
  struct TrustTests {
    private let folder = TemporaryFolder()
    private let maker: SecretKey
    private let other: SecretKey
    private let identity: String

    init() throws {
      maker = try SecretKey(generating: "maker")
      other = try SecretKey(generating: "other")
      identity = try motorModel().identity
      _ = folder.makeFolder("models")
      try keys("", "")
    }

    private func keys(_ ofMaker: String, _ ofOther: String) throws {
      func line(_ key: SecretKey) throws -> String { try "\(key.publicKey().line.dropLast())" }
      folder.put("\(try line(maker)) \(ofMaker)\n\(try line(other)) \(ofOther)\n", in: "keys")
    }

    private func put(
      _ bytes: [UInt8], _ name: String, _ key: SecretKey, version: UInt64
    ) throws {
      let signature = try ModelSignature(
        signing: bytes, with: key, deviceClass: "pump", modelVersion: version)
      folder.put(signature.serialized(), in: "models/\(name).sig")
      folder.put(bytes, in: "models/.\(name)")
      unsafe rename(folder("models/.\(name)"), folder("models/\(name)"))
    }

    /// The motor's model in version 7, beside the watched folder.
    private func putFirst() throws {
      let bytes = try motorModelBytes()
      let signature = try ModelSignature(
        signing: bytes, with: maker, deviceClass: "pump", modelVersion: 7)
      folder.put(bytes, in: "first.bin")
      folder.put(signature.serialized(), in: "first.bin.sig")
    }

    private func gateway(_ options: String) throws -> GatewayProcess {
      try GatewayProcess(
        "--keyring \"$D/keys\" --device-class pump --models \"$D/models\" \(options)", in: folder)
    }

    private func decides(_ gateway: GatewayProcess, _ identity: String) -> Bool {
      eventually { (try? gateway.ask("health").contains("\"model\":\"\(identity)\"")) == true }
    }

    @Test(
      "takes a live model away when its key is revoked, at a reload and at a start, until the key counts",
      arguments: ["", "--state \"$D/state\""])
    func revoked(options: String) throws {
      try put(try motorModelBytes(), "a.bin", maker, version: 1)
      let gateway = try gateway(options)
      try #require(decides(gateway, identity))
      #expect(try gateway.ask(try goldenLine(1)).contains("\"verdict\""))

      try keys("revoked", "")
      gateway.send(SIGHUP)
      try #require(gateway.waits(for: "model_withdrawals_total", 1), "\(gateway.log)")
      #expect(gateway.log.contains("taken away: signature: the key \"maker\" is revoked"))
      #expect(try gateway.ask("health").contains("\"status\":\"no-model\",\"model\":null"))
      #expect(try gateway.ask(try goldenLine(2)).contains("\"error\":\"no-model\""))
      #expect(try gateway.metric("reloads_total{result=\"done\"}") == 1)
      gateway.send(SIGTERM)
      #expect(gateway.finish().code == 0)

      let again = try self.gateway(options)
      #expect(again.logs("the key \"maker\" is revoked"))
      #expect(try again.ask(try goldenLine(2)).contains("\"error\":\"no-model\""))
      try keys("", "")
      again.send(SIGHUP)
      #expect(decides(again, identity), "\(again.log)")
      #expect(try again.ask(try goldenLine(2)).contains("\"verdict\""))
    }

    @Test(
      "takes the model up again that it was started with when a reload trusts its key again",
      arguments: ["", "--state \"$D/state\""])
    func trustedAgain(options: String) throws {
      try putFirst()
      let gateway = try gateway("--model \"$D/first.bin\" \(options)")
      try keys("revoked", "")
      gateway.send(SIGHUP)
      try #require(gateway.waits(for: "model_withdrawals_total", 1), "\(gateway.log)")
      // The key ring as it is changes nothing.
      gateway.send(SIGHUP)
      #expect(gateway.waits(for: "reloads_total{result=\"done\"}", 2))
      #expect(try gateway.ask(try goldenLine(1)).contains("\"error\":\"no-model\""))
      try keys("", "")
      gateway.send(SIGHUP)
      #expect(decides(gateway, identity), "\(gateway.log)")
      #expect(try gateway.ask(try goldenLine(1)).contains("\"verdict\""))
    }

    /// The motor's model with another unit of its first feature, so with another hash.
    private func variant(_ unit: String) throws -> [UInt8] {
      var parsed = try Model(parsing: try motorModelBytes())
      if case .int8(var model) = parsed {
        model.features[0].unit = unit
        parsed = .int8(model)
      }
      return try parsed.serialized()
    }

    @Test("refuses a model of a lower version than the one that it was started with")
    func downgradeOfFirst() throws {
      try putFirst()
      let gateway = try gateway("--model \"$D/first.bin\" --trial-messages 0")
      try put(try variant("v3"), "b.bin", maker, version: 3)
      #expect(gateway.waits(for: "model_refusals_total", 1), "\(gateway.log)")
      #expect(gateway.log.contains("model version 3 where at least 7 is asked for"))
      #expect(decides(gateway, identity))
    }

    @Test("refuses the lower one of two versions that lie in the folder at a start")
    func twoAtOnce() throws {
      let newest = try variant("v9")
      try put(newest, "b.bin", maker, version: 9)
      usleep(20_000)
      try put(try variant("v8"), "a.bin", maker, version: 8)
      let gateway = try gateway("--state \"$D/state\" --trial-messages 0")
      #expect(gateway.waits(for: "model_refusals_total", 1), "\(gateway.log)")
      #expect(
        gateway.log.contains("a.bin: refused: signature: of model version 8 where at least 9"))
      #expect(decides(gateway, try GatewayModel(newest, name: "b").identity))
    }

    @Test(
      "changes nothing at a reload with a key ring that cannot be read or has no key",
      arguments: ["ed25519 of a slip\n", "", "# nothing\n"])
    func unreadable(ring: String) throws {
      try put(try motorModelBytes(), "a.bin", maker, version: 1)
      let gateway = try gateway("")
      try #require(decides(gateway, identity))
      folder.put(ring, in: "keys")
      gateway.send(SIGHUP)
      #expect(gateway.waits(for: "reloads_total{result=\"refused\"}", 1))
      #expect(try gateway.ask(try goldenLine(1)).contains("\"verdict\""))
    }

    @Test("goes back to the model before, which another key signed, when the live one is revoked")
    func goesBack() throws {
      try put(try motorModelBytes(), "a.bin", other, version: 1)
      let gateway = try gateway("--state \"$D/state\" --trial-messages 0")
      try #require(decides(gateway, identity))
      guard case .int8(var model) = try Model(parsing: try motorModelBytes()) else { return }
      model.features[0].unit = "other"
      let bytes = try Model.int8(model).serialized()
      try put(bytes, "b.bin", maker, version: 2)
      try #require(decides(gateway, try GatewayModel(bytes, name: "b").identity), "\(gateway.log)")
      try keys("revoked", "")
      gateway.send(SIGHUP)
      #expect(decides(gateway, identity), "\(gateway.log)")
      #expect(try gateway.ask(try goldenLine(1)).contains("\"model\":\"\(identity.prefix(16))\""))
      #expect(try gateway.metric("model_withdrawals_total") == 1)
    }

    @Test("goes on after a restart with a model whose key has ended since it was taken in")
    func ended() throws {
      try put(try motorModelBytes(), "a.bin", maker, version: 1)
      let gateway = try gateway("--state \"$D/state\"")
      try #require(decides(gateway, identity), "\(gateway.log)")
      gateway.send(SIGTERM)
      #expect(gateway.finish().code == 0)
      try keys("expires=2020-01-01", "")
      let again = try self.gateway("--state \"$D/state\"")
      #expect(decides(again, identity), "\(again.log)")
      again.send(SIGHUP)
      #expect(again.waits(for: "reloads_total{result=\"done\"}", 1))
      #expect(try again.ask(try goldenLine(1)).contains("\"verdict\""))
    }
  }
#endif
