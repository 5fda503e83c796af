// SPDX-License-Identifier: Apache-2.0
import CNNQRuntime

/// Why the C runtime refused an image.
public struct RuntimeFault: Error, Equatable, Sendable {
  /// The number of the status in `nnq.h`; it never changes its meaning.
  public let code: Int
  /// Its name, such as `crc` or `section-order`.
  public let name: String

  init(_ status: nnq_status) {
    code = Int(status.rawValue)
    name = unsafe String(cString: nnq_status_name(status))
  }
}
