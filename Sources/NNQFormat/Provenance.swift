// SPDX-License-Identifier: Apache-2.0

/// Where a model comes from: data hash, seed, settings, tool version. No dates and no paths.
public struct Provenance: Equatable, Sendable {
  /// Keys are words in lower case joined by hyphens, for example `data-sha256`.
  public var pairs: [String: String]

  public init(_ pairs: [String: String] = [:]) { self.pairs = pairs }

  public subscript(key: String) -> String? {
    get { pairs[key] }
    set { pairs[key] = newValue }
  }
}
