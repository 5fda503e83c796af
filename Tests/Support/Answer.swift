// SPDX-License-Identifier: Apache-2.0

/// What a command line gave.
public struct Answer: Sendable {
  public let code: Int32
  public let output: String
  public let errors: String

  public init(code: Int32, output: String, errors: String) {
    self.code = code
    self.output = output
    self.errors = errors
  }

  /// The answer as one JSON object, read by a strict parser.
  public func json() throws -> JSONValue { try JSONValue(parsing: output) }
}
