// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQFiles
import NNQSigning

extension Console {
  /// Warns where the signature beside a model that was written is one of other bytes.
  ///
  /// What stands there and is no signature never held; a pipe would keep its reader waiting.
  func warnOfSignature(beside path: String, _ bytes: [UInt8]) {
    let signaturePath = "\(path).sig"
    var status = stat()
    guard unsafe stat(signaturePath, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      let standing = try? readFile(signaturePath, limit: ModelSignature.byteLimit),
      let signature = try? ModelSignature(parsing: standing)
    else { return }
    var hash = SHA256()
    hash.update(bytes)
    guard hash.digest() != signature.fileDigest else { return }
    warn(
      "\(signaturePath) does not hold for \(path) as it is now; sign it again: "
        + "nnq sign \(path) --key FILE --force")
  }
}
