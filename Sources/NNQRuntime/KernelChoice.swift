// SPDX-License-Identifier: Apache-2.0

/// Which code of the C runtime computes the layers. All give the same bits.
public enum KernelChoice: Equatable, Sendable {
  /// The fastest that this CPU can run.
  case best
  /// One of ``FirmwareRuntime/availableKernels``.
  case named(String)
  /// The definition, which reads the image in place.
  public static let scalar = KernelChoice.named("scalar")
}
