// SPDX-License-Identifier: Apache-2.0
public import NNQData

extension Trainer {
  /// How many rows a training may hold in so many bytes.
  ///
  /// - Error: an upper bound, 9 to 20 % above the largest sets of resident pages that trainings on a
  ///   million rows of 2 and 10 features and a quarter of a million of 40 had; the numbers of a
  ///   network beyond 100,000 parameters come on top.
  public static func memoryLimit(bytes: Int) -> MemoryLimit {
    // A reading is held as it stands and on the network's scale, and the first grew to its place
    // from half of it; the rows held back are gathered. A row has its targets, and its number in
    // the orders of the split, the passes and the quantiles.
    MemoryLimit(bytes: bytes, bytesPerReading: 9, bytesPerRow: 48, fixedBytes: 24 << 20)
  }
}
