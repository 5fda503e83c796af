// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// What a layer takes in: the calibration rows in codes and how the codes stand for values,
/// `real = scale * (code - zeroPoint) + shift`.
struct IncomingCodes {
  /// `[rows][inputs]`
  let rows: Rows<Int16>
  let width: CodeWidth
  /// `[inputs]`
  let scales: [Double]
  let zeroPoints: [Int]
  let shifts: [Double]

  init(
    rows: Rows<Int16>, width: CodeWidth, scales: [Double], zeroPoints: [Int], shifts: [Double]
  ) {
    self.rows = rows
    self.width = width
    self.scales = scales
    self.zeroPoints = zeroPoints
    self.shifts = shifts
  }

  init(rows: Rows<Int16>, codes: AffineCodes, count: Int) {
    self.init(
      rows: rows, width: codes.width, scales: Array(repeating: codes.scale, count: count),
      zeroPoints: Array(repeating: codes.zeroPoint, count: count),
      shifts: Array(repeating: 0, count: count))
  }

  /// `[inputs]`, the mean of `code - zeroPoint` over some of the rows.
  func meanOffsets(_ kept: [Int]) -> [Double] {
    let sums = rows.columnSums(kept)
    return zip(sums, zeroPoints).map { Double($0) / Double(kept.count) - Double($1) }
  }

  /// The one scale and zero point of all codes; only dense layers take in codes that differ.
  var codes: AffineCodes {
    precondition(Set(scales).count == 1 && Set(zeroPoints).count == 1)
    return AffineCodes(scale: scales[0], zeroPoint: zeroPoints[0], width: width)
  }
}
