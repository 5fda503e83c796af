// SPDX-License-Identifier: Apache-2.0

extension Failure {
  /// The failure of a verb that this build describes but does not contain.
  static func notBuilt(_ command: Command) -> Failure {
    Failure(.internalError, "\(command.name): not part of this build")
  }
}
