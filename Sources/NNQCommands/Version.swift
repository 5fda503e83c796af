// SPDX-License-Identifier: Apache-2.0

/// The version of nnq.
enum Version {
  static let current = "0.1.0"
}
