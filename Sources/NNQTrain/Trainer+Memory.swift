// SPDX-License-Identifier: Apache-2.0
public import NNQData

extension Trainer {
  /// How many rows a training may hold in so many bytes.
  ///
  /// - Error: an upper bound, 9 to 20 % above the largest sets of resident pages that trainings on a
  ///   million rows of 2 and 10 features and a quarter of a million of 40 had; the numbers of a
  ///   network beyond 100,000 parameters come on top. Of rows whose readings are in a file, ten
  ///   million took 40.5 bytes each, whatever their features, with one output; each further output
  ///   takes up to 2 bytes for the rows held back.
  ///
  /// - Parameter files: whether the readings may go to a file where memory does not hold them.
  public static func memoryLimit(bytes: Int, files: Bool) -> MemoryLimit {
    // A reading is held as it stands and on the network's scale, and the first grew to its place
    // from half of it; the rows held back are gathered. A row has its targets, and its number in
    // the orders of the split, the passes and the quantiles.
    MemoryLimit(
      bytes: bytes, bytesPerReading: 9, bytesPerRow: 48, fixedBytes: 24 << 20,
      bytesPerFiledRow: files ? 44 : nil)
  }
}
