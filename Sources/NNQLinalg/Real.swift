// SPDX-License-Identifier: Apache-2.0

/// A type of number that networks are trained in.
package protocol Real: BinaryFloatingPoint, BitwiseCopyable, Sendable {
  /// Its loops.
  static var kernels: Kernels<Self> { get }
}

extension Float: Real {}
extension Double: Real {}
