// SPDX-License-Identifier: Apache-2.0
import Glibc

/// The bytes of a regular file, one byte over the limit when it is longer.
///
/// - Throws: ``FileError``, with `EISDIR` for a folder and `ENOTSUP` for a pipe, a socket or a device,
///   which might keep its reader waiting for ever.
package func readGivenFile(_ path: String, limit: Int) throws(FileError) -> [UInt8] {
  // Standard input is no file here.
  let path = path == "-" ? "./-" : path
  try checkGivenFile(path)
  return try readFile(path, limit: limit)
}

/// Looks whether a path leads to a regular file, without opening it.
///
/// - Throws: ``FileError`` as ``readGivenFile(_:limit:)``.
package func checkGivenFile(_ path: String) throws(FileError) {
  var status = stat()
  guard unsafe stat(path, &status) == 0 else {
    throw FileError(path: path, operation: .open, code: errno)
  }
  let kind = status.st_mode & S_IFMT
  guard kind == S_IFREG else {
    throw FileError(path: path, operation: .open, code: kind == S_IFDIR ? EISDIR : ENOTSUP)
  }
}
