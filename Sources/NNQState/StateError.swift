// SPDX-License-Identifier: Apache-2.0
public import NNQFormat

/// Why a state cannot be made, read or merged.
public enum StateError: Error, Equatable, Sendable {
  /// The header is not that of a state file.
  case envelope(ModelFormatError)
  /// The bytes end before the field at this byte.
  case truncated(byte: Int)
  /// A field outside its allowed values; `index` counts the items of its list.
  case invalidField(String, index: Int, found: String)
  /// Bytes after the last field.
  case trailing(byte: Int)
  /// A flat image on its own: it knows no features.
  case noFeatures
  /// The states count another model's rows; both are hexadecimal SHA-256.
  case otherModel(found: String, expected: String)
  /// The states count other features or other scaling; both are hexadecimal SHA-256.
  case otherFeatures(found: String, expected: String)
  /// The same model and features with other bins, which one version of nnq does not write.
  case otherBins
  /// More rows than a state counts.
  case tooManyRows(limit: UInt64)
}
