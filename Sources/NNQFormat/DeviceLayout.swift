// SPDX-License-Identifier: Apache-2.0

/// How the weights of an image lie in flash.
public enum DeviceLayout: String, CaseIterable, Sendable {
  /// Row by row: the flat image itself, which every machine runs.
  case portable
  /// For the DSP instructions of Cortex-M4, M7 and M33: two rows in a halfword.
  case cortexM4 = "cortex-m4"
  /// For Helium on Cortex-M55: four rows, sixteen columns each.
  case cortexM55 = "cortex-m55"

  /// The must-understand flags of an image with this layout.
  var flags: UInt16 {
    switch self {
    case .portable: 0
    case .cortexM4: 1
    case .cortexM55: 2
    }
  }

  /// Rows have weights for a multiple of so many columns.
  var blockColumns: Int {
    switch self {
    case .portable: 1
    case .cortexM4: 8
    case .cortexM55: 16
    }
  }

  /// Such a layout computes with the upper half of a product alone.
  static let leastShift = 33
  /// The largest sum of the weights' sizes in an odd row of cortex-m4: times 128 it is below 2^23.
  static let largestOddRow = 65_535
}
