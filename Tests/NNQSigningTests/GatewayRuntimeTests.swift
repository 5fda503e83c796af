// SPDX-License-Identifier: Apache-2.0
import CNNQRuntime
import Glibc
import NNQFiles
import NNQFormat
import NNQTestSupport
import Testing

@testable import NNQSigning

/// What C computes and reads is what Swift writes.
@Suite struct SignatureParityTests {
  @Test("SHA-256 in C equals SHA-256 in Swift at every length")
  func digests() {
    var random = TestRandom(seed: 12)
    for length in 0..<300 {
      let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
      var digest = [UInt8](repeating: 0, count: 32)
      unsafe nnq_sha256(bytes, length, &digest)
      #expect(digest == sha256(bytes))
    }
  }

  @Test(
    "C reads the facts of a signature that Swift wrote",
    .enabled(if: Ed25519.isAvailable, "built without the package trait Signing"))
  func facts() throws {
    let image = try Signed.image()
    let key = SecretKey(name: "plant", seed: [UInt8](repeating: 9, count: 32))
    for deviceClass in ["", "a", "motor", "pump-12b", "pump-12bc"] {
      let signature = try ModelSignature(
        signing: image, with: key, deviceClass: deviceClass, modelVersion: .max - 5, expires: 77)
      let bytes = signature.serialized()
      let digest = sha256(image)
      unsafe bytes.withUnsafeBufferPointer { bytes in
        var read = unsafe nnq_signature()
        #expect(unsafe nnq_signature_read(&read, bytes.baseAddress, bytes.count) == NNQ_OK)
        #expect(unsafe read.model_version == .max - 5)
        #expect(unsafe read.expires == 77)
        #expect(
          unsafe Array(UnsafeBufferPointer(start: read.message, count: read.message_bytes))
            == signature.message)
        let covers = unsafe nnq_signature_covers(&read, digest, deviceClass, .max - 5)
        #expect(covers == NNQ_OK)
        let later = unsafe nnq_signature_covers(&read, digest, deviceClass, .max - 4)
        #expect(later == NNQ_ERROR_SIGNATURE)
      }
    }
  }
}

private let hasTools =
  unsafe system(
    "command -v bash make cc pkg-config >/dev/null 2>&1 && pkg-config --exists libsodium") == 0

/// The example daemons, built and run.
@Suite(
  .enabled(
    if: Ed25519.isAvailable && hasTools,
    "needs the package trait Signing, bash, make, a C compiler and libsodium-dev"))
struct ExampleDaemonTests {
  @Test("the daemons in C and Swift swap signed models and refuse others")
  func daemons() throws {
    let folder = TemporaryFolder()
    let build = folder("build")
    let source = "\(packageRoot)/gateway-runtime"
    try #require(
      unsafe system("make -s -C '\(source)' BUILD='\(build)' examples >/dev/null 2>&1") == 0)
    let key = SecretKey(name: "plant", seed: [UInt8](repeating: 3, count: 32))
    let trusted = try key.publicKey().line.split(separator: " ")[1]
    let image = try Signed.image()
    func sign(_ deviceClass: String) throws -> [UInt8] {
      try ModelSignature(signing: image, with: key, deviceClass: deviceClass).serialized()
    }
    folder.put(image, in: "m.image")
    folder.put(try sign("pump"), in: "pump.sig")
    folder.put(try sign("motor"), in: "motor.sig")
    let row = (0..<Signed.inputs).map { _ in "1" }.joined(separator: ",")
    // Each line is sent when the one before was answered, so that a file changes between the two.
    let script = """
      ask() { echo "$1" >&${D[1]}; read -r line <&${D[0]}; echo "$line"; }
      cp motor.sig m.image.sig
      coproc D { "$1" m.image m.image.sig \(trusted); }
      read -r line <&${D[0]}; echo "$line"
      ask \(row); ask reload; ask \(row)
      cp pump.sig m.image.sig; ask reload; ask \(row)
      rm m.image.sig; ask reload; ask 1,2
      cp motor.sig m.image.sig; ask reload; ask \(row)
      """
    folder.put(script, in: "script")
    for daemon in ["daemon-c", "daemon-swift"]
    where TemporaryFolder.names(in: build).contains(daemon) {
      let line = "cd '\(folder.path)' && bash script '\(build)/\(daemon)' > out"
      #expect(unsafe system(line) == 0)
      let lines = (folder.text("out") ?? "").split(separator: "\n").map(String.init)
      let answer = try #require(lines.dropFirst().first).dropLast(1)
      #expect(
        lines == [
          "model: ok", "\(answer)1", "model: ok", "\(answer)2", "model: signature", "\(answer)2",
          "model: signature", "no answer", "model: ok", "\(answer)3",
        ])
    }
  }
}
