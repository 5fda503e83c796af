// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQFormat
import NNQSigning
import NNQTestSupport
import Testing

@testable import NNQCommands

@Suite struct SigningTests {
  @Test(
    "a signed model passes verify, and every reason against it ends with code 1",
    .enabled(if: Ed25519.isAvailable, "built without the package trait Signing"))
  func signing() throws {
    let files = TrainedModel.of(.binary).files()
    let key = files.folder("plant")
    let made = nnq("keygen", "-o", key)
    expectSuccess(made)
    #expect(made.output == files.folder.text("plant.pub"))
    var status = stat()
    unsafe stat("\(key).key", &status)
    #expect(status.st_mode & 0o777 == 0o600)
    #expect(nnq("keygen", "-o", key).code == 4)

    for model in [files.float, files.int8, files.image] {
      let sign = ["sign", model, "--key", "\(key).key", "--class", "motor", "--model-version", "7"]
      expectSuccess(nnq(sign))
      // The same again is the same file; another version is refused without --force.
      expectSuccess(nnq(sign))
      #expect(nnq(["sign", model, "--key", "\(key).key"]).code == 4)
      let verify = ["verify", model, "--keyring", "\(key).pub"]
      for more in [[], ["--class", "motor", "--min-version", "7"]] {
        let answer = nnq(verify + more)
        expectSuccess(answer)
        #expect(answer.output.contains("key plant, class motor, model version 7"))
      }
      for (more, words) in [
        (["--class", "pump"], "for the device class \"motor\", not \"pump\""),
        (["--min-version", "8"], "of model version 7 where at least 8 is asked for"),
        (["--signature", files.folder("none.sig")], "there is no signature"),
      ] {
        let answer = nnq(verify + more)
        #expect(answer.code == 1)
        #expect(answer.output.contains(words), "\(answer.output)")
      }
    }
    let line = try #require(files.folder.text("plant.pub")).dropLast()
    let revoked = files.folder.put("\(line) revoked\n", in: "revoked.pub")
    #expect(nnq("verify", files.int8, "--keyring", revoked).code == 1)
    #expect(nnq("verify", files.int8, "--keyring", files.folder.put("", in: "no.pub")).code == 1)

    unsafe chmod("\(key).key", 0o644)
    expect(
      nnq("sign", files.int8, "--key", "\(key).key"), .badInput,
      "\(key).key: a secret key that others may read or write", hint: "chmod 600 \(key).key")
  }

  @Test(
    "without libsodium the verbs name the package and the trait",
    .enabled(if: !Ed25519.isAvailable, "built with the package trait Signing"))
  func notBuilt() {
    let files = TrainedModel.of(.binary).files()
    let secret = files.folder.put(
      "nnq-ed25519-secret \(String(repeating: "0", count: 64)) a\n", in: "a.key")
    unsafe chmod(secret, 0o600)
    let ring = files.folder.put("", in: "ring")
    for answer in [
      nnq("keygen", "-o", files.folder("k")), nnq("sign", files.int8, "--key", secret),
      nnq("verify", files.int8, "--keyring", ring),
    ] {
      expect(
        answer, .usage, "this nnq was built without signatures",
        hint: "install libsodium-dev and build with: swift build -c release --traits Signing")
    }
  }

  @Test("options that need a key ring, and days that are none, are refused")
  func usage() {
    let files = TrainedModel.of(.binary).files()
    expect(
      nnq("verify", files.int8, "--class", "a"), .usage, "verify: --class needs --keyring")
    expect(
      nnq("keygen", "-o", files.folder("k"), "--expires", "2026-02-30"), .usage,
      "keygen: --expires: \"2026-02-30\" is not a day: YYYY-MM-DD")
  }
}
