// SPDX-License-Identifier: Apache-2.0
import NNQWords

/// The version of nnq.
enum Version {
  static let current = PackageVersion.current
}
