// SPDX-License-Identifier: Apache-2.0

/// Why a message is not answered with a decision.
package enum MessageFault: UInt8, Error, CaseIterable, Sendable {
  /// A line that is not one JSON object as RFC 8259 has it.
  case malformed = 1
  /// A line or a frame over the cap.
  case tooLong = 2
  /// A value that is nested deeper than the cap.
  case tooDeep = 3
  /// A key or a feature that stands twice.
  case duplicateKey = 4
  /// A key or a value of another type than the message has in this place.
  case wrongType = 5
  /// No name of a device, or one that is too long or has a forbidden character.
  case badDevice = 6
  /// A device that is not on the list.
  case unknownDevice = 7
  /// A new device where the table of devices is full.
  case tooManyDevices = 8
  /// A sequence number without a device, or not an integer below 2^63.
  case badSequence = 9
  /// A sequence number so old that nobody knows whether it was answered.
  case stale = 10
  case unknownFeature = 11
  /// No reading, or NaN, for a feature that has no replacement.
  case missingFeature = 12
  /// A reading that is infinite or no binary32 number.
  case notFinite = 13
  /// A count that is not an integer of 32 bits.
  case badCount = 14
  /// Counts for a model that declares none.
  case noCounts = 15
  /// Neither readings nor counts, or both.
  case noFeatures = 16
  /// Not as many values as the model has features.
  case wrongWidth = 17
  /// A binary frame whose head has no meaning.
  case badFrame = 18
  /// A binary frame with a wrong checksum.
  case checksum = 19
  /// The journal could not be written: send the message again.
  case journal = 20
  /// No model is loaded yet: send the message again.
  case noModel = 21
  /// A value that a column of categories did not have when the model was trained.
  case unknownCategory = 22

  /// What a reply and the metrics call it.
  package var name: String {
    switch self {
    case .malformed: "malformed"
    case .tooLong: "too-long"
    case .tooDeep: "too-deep"
    case .duplicateKey: "duplicate-key"
    case .wrongType: "wrong-type"
    case .badDevice: "bad-device"
    case .unknownDevice: "unknown-device"
    case .tooManyDevices: "too-many-devices"
    case .badSequence: "bad-sequence"
    case .stale: "stale"
    case .unknownFeature: "unknown-feature"
    case .missingFeature: "missing-feature"
    case .notFinite: "not-finite"
    case .badCount: "bad-count"
    case .noCounts: "no-counts"
    case .noFeatures: "no-features"
    case .wrongWidth: "wrong-width"
    case .badFrame: "bad-frame"
    case .checksum: "checksum"
    case .journal: "journal"
    case .noModel: "no-model"
    case .unknownCategory: "unknown-category"
    }
  }
}
