// SPDX-License-Identifier: Apache-2.0
import NNQFiles
import NNQFormat

/// The bytes of a file that may be a model, one byte over the cap when it is longer.
func readModelFile(_ path: String) throws(FileError) -> [UInt8] {
  try readGivenFile(path, limit: FormatLimit.file)
}
