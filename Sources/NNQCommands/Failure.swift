// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQCertify
import NNQData
import NNQFiles
import NNQFormat
import NNQInterop
import NNQQuantize
import NNQQuantizeAware
import NNQRuntime
import NNQSigning
import NNQState
import NNQTrain
import NNQWords

/// What the process tells its caller.
enum ExitCode: Int32, Sendable {
  case success = 0
  /// The work was done and its answer is no: a limit missed, a check that failed.
  case no = 1
  /// The command line is wrong.
  case usage = 2
  /// An input file does not hold what it should.
  case badInput = 3
  /// The operating system refused to read or write.
  case inputOutput = 4
  /// A defect of nnq.
  case internalError = 70
  /// Ended by SIGINT; ``Interruption`` exits with it.
  case interrupted = 130
}

/// The end of a command that cannot go on, in words.
struct Failure: Error, Equatable, Sendable {
  var code: ExitCode
  /// One sentence: the file first, lower case, no full stop.
  var sentence: String
  /// What the user could do; nil where nothing helps.
  var hint: String?
  /// The reader of standard output went away (`nnq predict ... | head`). Nobody is left to tell:
  /// the command ends at once, prints nothing and exits with 0.
  var isClosedPipe = false

  init(_ code: ExitCode, _ sentence: String, hint: String? = nil) {
    self.code = code
    self.sentence = sentence
    self.hint = hint
  }

  /// The failure that any error of the modules stands for.
  ///
  /// - Parameter path: the file that was being read, for errors that do not name it themselves.
  init(_ error: any Error, in path: String? = nil) {
    switch error {
    case let failure as Failure: self = failure
    case let error as FileError: self.init(error)
    case let error as ZstdError: self.init(error, in: path)
    case let error as ModelFormatError: self.init(error, in: path ?? "model")
    case let error as QuantizeAwareError: self.init(error, in: path ?? "the table")
    case let error as QuantizationError: self.init(error, in: path ?? "model")
    case let error as CertificationError: self.init(error, in: path ?? "model")
    case let error as InteropError: self.init(error, in: path ?? "model")
    case let error as DataError: self.init(error)
    case let error as StateError: self.init(error, in: path ?? "state")
    case let error as SigningError: self.init(error, in: path ?? "key")
    case let error as CheckpointError: self.init(error, in: path ?? "checkpoint")
    case let error as TrainingError: self.init(error, in: path ?? "the table")
    case .file(let error) as ByteSourceError: self.init(error)
    case .zstd(let path, let error) as ByteSourceError: self.init(error, in: named(path))
    case let error as RuntimeFault:
      self.init(.badInput, "\(path ?? "model"): the C runtime refuses it: \(error.name)")
    default: self.init(.internalError, "unexpected: \(error)", hint: "please report this")
    }
  }

  init(_ error: FileError) {
    let name = error.path == "-" ? "standard \(error.stream)" : error.path
    switch error.operation {
    case .sync:
      self.init(
        .inputOutput, "\(name): cannot sync: \(error.reason)",
        hint: "the file may not survive a power cut: read it again")
    case .open: self.init(.inputOutput, "\(name): cannot open: \(error.reason)")
    case .read: self.init(.inputOutput, "\(name): cannot read: \(error.reason)")
    case .write: self.init(.inputOutput, "\(name): cannot write: \(error.reason)")
    case .rename: self.init(.inputOutput, "\(name): cannot replace: \(error.reason)")
    case .remove: self.init(.inputOutput, "\(name): cannot remove: \(error.reason)")
    }
    isClosedPipe = error.path == "-" && error.operation == .write && error.code == EPIPE
  }

  init(_ error: ZstdError, in path: String?) {
    let place = path.map { "\($0): " } ?? ""
    self.init(error == .outOfMemory ? .internalError : .badInput, place + error.words)
  }
}

/// Runs `body` and turns any error into the failure that names this file.
func naming<Result: ~Copyable>(
  _ path: String, _ body: () throws -> Result
) throws(Failure) -> Result {
  do {
    return try body()
  } catch {
    throw Failure(error, in: named(path))
  }
}

extension FileError {
  fileprivate var stream: String { operation == .write ? "output" : "input" }
}
