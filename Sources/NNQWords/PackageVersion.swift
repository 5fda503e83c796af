// SPDX-License-Identifier: Apache-2.0

/// The version of the package, which all its programs print.
package enum PackageVersion {
  package static let current = "0.1.0"
}
