// SPDX-License-Identifier: Apache-2.0
import NNQFiles
import NNQFormat
import NNQSigning
import NNQWords

extension ModelRefusal {
  /// Why, to stand after the file's name.
  package var words: String {
    switch self {
    case .incomplete(let stated, let actual): "\(actual) of \(stated) bytes"
    case .unreadable(let error): "cannot be read: \(error.reason)"
    case .danglingLink: "a symbolic link to what is not there"
    case .format(let error): error.words
    case .notInt8: "not an int8 model of nnq quantize"
    case .memory(let needed, let limit):
      "needs \(needed) bytes of memory where model-memory allows \(limit)"
    case .runtime(let fault): "the C runtime refuses it: \(fault)"
    case .noSelfTest: "carries no self-test vectors"
    case .selfTest: "its self-test vectors give other bits here than it states"
    case .signature(.notBuilt): "this nnqd was built without the package trait Signing"
    case .signature(let refusal): "signature: \(refusal.words)"
    case .noKeys: "keyring is not set, and neither is allow-unsigned"
    case .unreadableKeys(let error): "key ring \(error.path): \(error.reason)"
    case .badKeys(let file, let error): "key ring \(file): \(error.words)"
    case .emptyKeys(let file): "key ring \(file): has no key"
    case .store(let error): "cannot be kept: \(error.path): \(error.reason)"
    case .superseded(let name): "\(name) takes its place before it is live"
    case .shadow(let fault): fault.words
    }
  }
}

extension ModelRefusal.ShadowFault {
  fileprivate var words: String {
    switch self {
    case .unreadable(let fault):
      "cannot decide a message that the live model decides: \(fault.name)"
    case .otherFeatures:
      "needs a feature that the live model does not have, or decides another task"
    case .flips(let count, let messages):
      "\(count) of \(messages) decisions unlike the live model's, more than max-flips allows"
    case .saturated(let count, let messages):
      "\(count) of \(messages) decisions with all outputs at an end of their range, "
        + "more than max-saturated allows"
    }
  }
}
