// SPDX-License-Identifier: Apache-2.0
import Glibc
package import NNQFiles

/// Why the daemon cannot start or go on.
package indirect enum GatewayError: Error, Equatable, Sendable {
  /// A call of the operating system failed.
  case system(call: String, code: Int32)
  case file(FileError)
  /// A setting that is not known; `line` is 0 for an option of the command line.
  case unknownSetting(String, line: Int)
  case badSetting(String, value: String, line: Int)
  /// A setting that is there twice; `line` is 0 for the command line, of the second otherwise.
  case repeatedSetting(String, line: Int)
  /// A line of the configuration that is not `key = value`.
  case malformedLine(line: Int)
  /// A setting that needs another one.
  case incomplete(String, needs: String)
  /// A setting of a part that this build does not have.
  case notBuilt(String, trait: String)
  case model(file: String, ModelRefusal)
  /// What is wrong with this configuration file.
  case configuration(file: String, GatewayError)
  /// The filter takes in topics of answers, which would be answered for ever.
  case answersToItself(String, filter: String)
  /// What is in the place of the socket is none.
  case notASocket(String)
  /// Another process writes in this state folder.
  case stateInUse(String)
  /// The number in a journal's name leaves none for the next file.
  case lastJournal(file: String)
  /// The state file is none.
  case badState(file: String)

  init(call: String, _ code: Int32) { self = .system(call: call, code: code) }
}
