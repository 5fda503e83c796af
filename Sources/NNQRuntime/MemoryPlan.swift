// SPDX-License-Identifier: Apache-2.0
public import NNQFormat

/// Where the input codes, the output codes and the arena of one inference lie in the smallest single
/// buffer that `nnq_run()` of a device computes in.
///
/// The input is overwritten, but that of an anomaly model, of which its score is made.
public struct MemoryPlan: Equatable, Sendable {
  /// Bytes from the buffer's start, multiples of 4.
  public let input: Int
  public let output: Int
  public let arena = 0
  /// Of the arena alone.
  public let arenaBytes: Int
  /// Of the whole buffer, a multiple of 4.
  public let bytes: Int

  /// - Parameters:
  ///   - runtime: a loaded flat image.
  ///   - arranged: what a device gets of it.
  public init(_ runtime: borrowing FirmwareRuntime, _ arranged: ArrangedImage) {
    self.init(runtime, wideBytes: arranged.extraArenaBytes) {
      arranged.extraArenaBytes > 0 && arranged.arranged[$0]
        ? arranged.layout.columns(inputs: $1) : 0
    }
  }

  init(_ runtime: borrowing FirmwareRuntime) {
    self.init(runtime, wideBytes: 0) { _, _ in 0 }
  }

  /// The arena begins with the room in which an arranged layer widens its input; `columns` are those
  /// that it widens, 0 for another layer.
  private init(
    _ runtime: borrowing FirmwareRuntime, wideBytes: Int,
    columns: (_ layer: Int, _ inputs: Int) -> Int
  ) {
    let layers = runtime.layers
    let inputBytes = paddedToWords(runtime.inputs * (runtime.inputBits / 8))
    let outputBytes = paddedToWords(runtime.outputs * (runtime.outputBits / 8))
    arenaBytes = runtime.arenaBytes + wideBytes
    let end = paddedToWords(arenaBytes)

    let isInputKept = runtime.task == .anomaly
    let first = columns(0, layers[0].inputs)
    // A tensor that an add takes lies before that room.
    guard !isInputKept, first > 0, !layers.contains(where: { $0.operation == .add }) else {
      // The output of a single layer overlaps nothing; of more, it may start where the input did.
      let isShared = !isInputKept && layers.count > 1
      input = end
      output = isShared ? end : end + inputBytes
      bytes = isShared ? end + max(inputBytes, outputBytes) : end + inputBytes + outputBytes
      return
    }
    // Widening goes forward and writes two bytes for each that it reads: a code in the upper half of
    // its own room is read before it is overwritten.
    input = wideBytes - first
    let last = columns(layers.count - 1, layers[layers.count - 1].inputs)
    let isInside = outputBytes <= wideBytes - 2 * last
    output = isInside ? 0 : end
    bytes = isInside ? end : end + outputBytes
  }
}

private func paddedToWords(_ bytes: Int) -> Int { (bytes + 3) & ~3 }
