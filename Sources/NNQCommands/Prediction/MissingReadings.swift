// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQWords

extension [Feature] {
  /// Puts each feature's replacement where a reading is missing.
  ///
  /// - Parameters:
  ///   - readings: `[rows][features]`, NaN where missing.
  ///   - firstRow: the number of the first row in its file, counted from 1.
  /// - Throws: ``Failure`` that names the row and the feature when it allows no missing reading.
  func fillMissing(
    in readings: inout [Float], firstRow: Int = 1, of path: String
  ) throws(Failure) {
    for index in readings.indices where readings[index].isNaN {
      let feature = self[index % count]
      guard let replacement = feature.replacement else {
        throw Failure(
          .badInput,
          "\(named(path)): row \(firstRow + index / count): column \(quoted(feature.name)): "
            + "the reading is missing",
          hint: "train with --missing mean or --missing median to allow that")
      }
      readings[index] = Float(replacement)
    }
  }
}
