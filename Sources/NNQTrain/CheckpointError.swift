// SPDX-License-Identifier: Apache-2.0

/// Why a checkpoint cannot be resumed from.
public enum CheckpointError: Error, Equatable, Sendable {
  /// The file does not begin as a checkpoint does.
  case notACheckpoint
  case unsupportedVersion(found: UInt32, known: UInt32)
  /// The bytes are not those that were written.
  case damaged
  /// The rows or their preparation are not those of the checkpoint's training.
  case otherData
  /// A setting that is not that of the checkpoint's training.
  case otherSetting(name: String, checkpoint: String, asked: String)
  /// A setting of the checkpoint's training that there is not.
  case unknownSetting(name: String, checkpoint: String)
}
