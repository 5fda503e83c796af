// SPDX-License-Identifier: Apache-2.0
#if Signing
  import Glibc
  import NNQFormat
  import NNQGateway
  import NNQQuantize
  import NNQSigning
  import NNQTestSupport
  import Testing

  @Suite(.enabled(if: ChildProcess.isThere, "nnqd was not built with the tests"))
  struct RefusalTests {
    /// A candidate with all that is wrong with it, and what the log must say.
    struct Case: Sendable, CustomTestStringConvertible {
      let testDescription: String
      let words: String
      var change: @Sendable (inout Int8Model) throws -> Void = { _ in }
      var damage: @Sendable (inout [UInt8]) -> Void = { _ in }
      var isSigned = true
      var key = "maker"
      var deviceClass = "pump"
      var version: UInt64 = 6
      var expires: Int64?
      var options = ""

      init(_ name: String, _ words: String, _ change: (inout Case) -> Void) {
        testDescription = name
        self.words = words
        change(&self)
      }
    }

    static let cases = [
      Case("a step back", "signature: of model version 4 where at least 5 is asked for") {
        $0.version = 4
      },
      Case("another class", "signature: for the device class \"fan\", not \"pump\"") {
        $0.deviceClass = "fan"
      },
      Case("an ended signature", "signature: ended on 2001-09-09") { $0.expires = 1_000_000_000 },
      Case("a revoked key", "signature: the key \"lost\" is revoked") { $0.key = "lost" },
      Case("an ended key", "signature: the key \"old\" ended on 2020-01-01") { $0.key = "old" },
      Case("a stranger's key", "signature: no key of the ring has the identity ") {
        $0.key = "stranger"
      },
      Case("no signature", "signature: there is no signature") { $0.isSigned = false },
      Case("a bit flipped after it was signed", "signature: of a file with sha256 ") {
        $0.damage = { $0[$0.count / 2] ^= 1 }
      },
      Case("no model at all", "signature: of a file with sha256 ") {
        $0.damage = { $0 = Array("these are words, many words, but no model".utf8) }
      },
      Case("self-test vectors of other bits", "its self-test vectors give other bits here than") {
        $0.change = { $0.image.selfTests[0].output[0] ^= 1 }
      },
      Case("no self-test vectors", "carries no self-test vectors") {
        $0.change = { $0.image.selfTests = [] }
      },
      Case(
        "another feature", "needs a feature that the live model does not have, or decides another"
      ) {
        $0.change = { $0.features[3].name = "smell" }
      },
      Case("more memory than allowed", " bytes of memory where model-memory allows 65536") {
        $0.change = { $0 = try largeModel() }
        $0.options = "--model-memory 65536"
      },
      Case("decisions of its own", " decisions unlike the live model's, more than max-flips allows")
      {
        $0.change = { model in
          let labels = model.task.labels
          model.task.labels = Array(labels.dropFirst()) + [labels[0]]
        }
        $0.options = "--max-flips 0.1"
      },
    ]

    @Test(
      "refuses in a sentence, keeps the live model, answers with its hash, and counts",
      arguments: cases)
    func refusal(_ refused: Case) throws {
      let folder = TemporaryFolder()
      _ = folder.makeFolder("models")
      let keys = try Dictionary(
        uniqueKeysWithValues: ["maker", "lost", "old", "stranger"].map {
          ($0, try SecretKey(generating: $0))
        })
      func line(_ name: String) throws -> String {
        let key = try #require(keys[name])
        return try key.publicKey().line.dropLast() + ""
      }
      folder.put(
        try "\(line("maker"))\n\(line("lost")) revoked\n\(line("old")) expires=2020-01-01\n",
        in: "keys")
      let live = try motorModelBytes()
      let maker = try #require(keys["maker"])
      folder.put(
        try ModelSignature(signing: live, with: maker, deviceClass: "pump", modelVersion: 5)
          .serialized(), in: "models/a.bin.sig")
      folder.put(live, in: "models/a.bin")
      let gateway = try GatewayProcess(
        "--keyring \"$D/keys\" --device-class pump --models \"$D/models\" --state \"$D/state\" "
          + "--trial-messages 5 \(refused.options)", in: folder)
      let identity = try motorModel().identity
      let stated = "\"model\":\"\(identity.prefix(16))\""
      try #require(eventually { (try? gateway.ask("health").contains(identity)) == true })

      guard case .int8(var model) = try Model(parsing: live) else { return }
      try refused.change(&model)
      var bytes = try Model.int8(model).serialized()
      if refused.isSigned {
        let key = try #require(keys[refused.key])
        let signature = try ModelSignature(
          signing: bytes, with: key, deviceClass: refused.deviceClass,
          modelVersion: refused.version, expires: refused.expires)
        folder.put(signature.serialized(), in: "models/b.bin.sig")
      }
      refused.damage(&bytes)
      folder.put(bytes, in: "models/.b")
      unsafe rename(folder("models/.b"), folder("models/b.bin"))

      var sequence = 0
      var others: [String] = []
      #expect(
        eventually {
          sequence += 1
          let answer = (try? gateway.ask(goldenLine(sequence, row: sequence % 7))) ?? ""
          if !answer.contains(stated) { others.append(answer) }
          return (try? gateway.metric("model_refusals_total")) == 1
        }, "\(gateway.log)")
      #expect(others == [])
      #expect(gateway.log.contains("<4>b.bin: refused: "), "\(gateway.log)")
      #expect(gateway.log.contains(refused.words), "\(gateway.log)")
      #expect(try gateway.ask(try goldenLine(9999)).contains(stated))
      let health = try JSONValue(parsing: try gateway.ask("health"))
      #expect(health["model"] == .string(identity) && health["phase"] == .string("settled"))
      #expect(try gateway.metric("model_swaps_total") == 0)
      // A restart says the same.
      gateway.send(SIGTERM)
      #expect(gateway.finish().code == 0)
      let again = try GatewayProcess(
        "--keyring \"$D/keys\" --device-class pump --state \"$D/state\" \(refused.options)",
        in: folder)
      #expect(try again.ask(try goldenLine(10_000)).contains(stated))
    }

    /// A model of more layers than 64 KiB hold.
    private static func largeModel() throws -> Int8Model {
      let float = sampleFloatModel(.multiclass, widths: [22, 200, 200, 5], seed: 1)
      return try Int8Model.quantizing(float, QuantizationSettings()).model
    }
  }
#endif
