// SPDX-License-Identifier: Apache-2.0
package import NNQFiles
package import NNQFormat
package import NNQSigning

/// Why a file does not become the model that decides.
package enum ModelRefusal: Error, Equatable, Sendable {
  /// The file is shorter than its header states: it is still being written, or it was cut short.
  case incomplete(stated: Int, actual: Int)
  case unreadable(FileError)
  /// A symbolic link to what is not there.
  case danglingLink
  case format(ModelFormatError)
  case notInt8
  /// More memory than a model may take.
  case memory(needed: Int, limit: Int)
  /// The name of the fault that the C loader found.
  case runtime(fault: String)
  case noSelfTest
  /// The self-test vectors gave other bits than the model states.
  case selfTest
  case signature(SignatureRefusal)
  /// Unsigned models are not allowed and there are no keys to check a signature with.
  case noKeys
  /// The key ring cannot be read.
  case unreadableKeys(FileError)
  /// The key ring of this file is none.
  case badKeys(file: String, SigningError)
  /// The key ring of this file has no key.
  case emptyKeys(file: String)
  /// It could not be kept, or the state file could not be written.
  case store(FileError)
  /// Another one, of this name, came before it was live and took its place.
  case superseded(by: String)
  /// Beside the live model it was no good.
  case shadow(ShadowFault)

  package enum ShadowFault: Equatable, Sendable {
    /// It could not read a message that the live model answered.
    case unreadable(MessageFault)
    /// It needs a feature that the live model does not have, or decides another task.
    case otherFeatures
    case flips(Int, of: Int)
    /// Decisions in which every output code lay at an end of its range.
    case saturated(Int, of: Int)
  }
}
