// SPDX-License-Identifier: Apache-2.0

/// What the daemon was told.
package struct Configuration: Equatable, Sendable {
  package var model: String?
  package var socket: String?
  package var readsStandardInput = false
  package var deviceLimit = 65_536
  package var connectionLimit = 1024
  package var stallMilliseconds: Int64 = 30_000
  package var memoryLimit = 1 << 25

  package init() {}
}
