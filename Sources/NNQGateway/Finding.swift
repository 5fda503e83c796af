// SPDX-License-Identifier: Apache-2.0
package import NNQFiles
package import NNQSigning

/// What the worker tells the loop.
package enum Finding: Sendable {
  /// A model that passed every check of its own.
  case candidate(Candidate)
  case refused(name: String, ModelRefusal)
  /// The state file names this model as the live one.
  case stored
  case notStored(FileError)
  /// The state file says that the live model is settled.
  case settled
  /// The keys as they are now.
  case keys(KeyRing)
  /// They cannot be read: nothing changes.
  case noKeys(ModelRefusal)
  /// The file of the metrics could not be written.
  case metricsFileFailed(FileError)
  /// What writing the statistics came to; nil when they are on disk.
  case statistics(FileError?)
  /// Why the broker was not reached; nil when it was.
  case brokerAnswered(String?)
}

/// A model that may become the live one.
package struct Candidate: Sendable {
  package let model: GatewayModel
  let bytes: [UInt8]
  let signature: [UInt8]?
  /// The version in the signature that was accepted; nil without one.
  package let version: UInt64?

  package init(
    model: GatewayModel, bytes: [UInt8], signature: [UInt8]? = nil, version: UInt64? = nil
  ) {
    self.model = model
    self.bytes = bytes
    self.signature = signature
    self.version = version
  }
}
