// SPDX-License-Identifier: Apache-2.0
import NNQFiles
import NNQFormat
import NNQTestSupport
import Testing

@testable import NNQCommands

/// What verbs that write a model say of a signature that is there already.
@Suite struct StaleSignatureTests {
  /// The file of a signature of these bytes, of a key that nobody has.
  private func signature(of bytes: [UInt8]) -> [UInt8] {
    var hash = SHA256()
    hash.update(bytes)
    let zeros = { [UInt8](repeating: 0, count: $0) }
    return [0x8E, 0x4E, 0x4E, 0x51, 0x47, 1, 1, 0] + zeros(24) + hash.digest() + zeros(96)
  }

  private func warns(_ answer: Answer, of model: String) -> Bool {
    answer.errors.contains(
      "nnq: warning: \(model).sig does not hold for \(model) as it is now; sign it again: "
        + "nnq sign \(model) --key FILE --force\n")
  }

  @Test("certify says that the signature of the model that it replaces does not hold any more")
  func certify() throws {
    let files = TrainedModel.of(.binary).files()
    files.folder.put(signature(of: TrainedModel.of(.binary).int8), in: "model.int8.bin.sig")
    let first = nnq("certify", files.int8)
    #expect(first.code == 0 && warns(first, of: files.int8))
    // The same bytes again, and what was signed since.
    files.folder.put(
      signature(of: try #require(files.folder.bytes("model.int8.bin"))), in: "model.int8.bin.sig")
    let again = nnq("certify", files.int8)
    #expect(again.code == 0 && again.errors.isEmpty)
    let other = nnq("certify", files.int8, "-o", files.folder("other.bin"))
    #expect(other.code == 0 && other.errors.isEmpty)
  }

  @Test("so do the verbs that write another model over one")
  func others() throws {
    let files = TrainedModel.of(.binary).files()
    for model in ["model.int8.bin", "model.bin"] {
      files.folder.put(signature(of: [1]), in: "\(model).sig")
    }
    let quantized = nnq("quantize", files.float, "--output", "8", "--force")
    #expect(quantized.code == 0 && warns(quantized, of: files.int8))
    let change = ["eval", files.float, files.test, "--cost", "fp=1,fn=9", "-o", files.float]
    let changed = nnq(change)
    #expect(changed.code == 0 && warns(changed, of: files.float))
    // What is no signature never held.
    files.folder.put([1, 2, 3], in: "model.bin.sig")
    let again = nnq(change)
    #expect(again.code == 0 && !again.errors.contains(".sig"))
  }
}
