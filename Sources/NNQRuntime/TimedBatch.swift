// SPDX-License-Identifier: Apache-2.0
import CNNQRuntime
import Glibc

/// A network with the codes of a batch, for taking the time of calls that do nothing else.
@safe
package final class TimedBatch {
  /// The name of the code that computes the rows.
  package var kernel: String { runtime.kernel }
  /// The bytes of RAM of one inference.
  package var ramBytes: Int { runtime.ramBytes }
  /// The layers, from input to output.
  package var layers: [RuntimeLayer] { runtime.layers }

  private let runtime: FirmwareRuntime
  private let rows: UInt32
  private let input: UnsafeMutableRawBufferPointer
  private let output: UnsafeMutableRawBufferPointer

  /// Takes the network and fills the input with random codes.
  ///
  /// - Range: `rows` is at least 1; `random` gives any 64 bits.
  package init(_ runtime: consuming FirmwareRuntime, rows: Int, random: () -> UInt64) {
    precondition(rows >= 1 && rows <= UInt32.max, "no number of rows")
    self.rows = UInt32(rows)
    let alignment = FirmwareRuntime.alignment
    unsafe input = UnsafeMutableRawBufferPointer.allocate(
      byteCount: rows * runtime.inputs * (runtime.inputBits / 8), alignment: alignment)
    unsafe output = UnsafeMutableRawBufferPointer.allocate(
      byteCount: rows * runtime.outputs * (runtime.outputBits / 8), alignment: alignment)
    // Every byte is part of a code that may be given.
    for index in unsafe input.indices { unsafe input[index] = UInt8(truncatingIfNeeded: random()) }
    self.runtime = runtime
  }

  deinit {
    unsafe input.deallocate()
    unsafe output.deallocate()
  }

  /// The nanoseconds that so many calls of all rows take, one after the other.
  package func nanoseconds(calls: Int) -> UInt64 {
    unsafe withUnsafePointer(to: runtime.model) { model in
      let packed = unsafe runtime.packed.isEmpty ? nil : runtime.packed.baseAddress
      let start = Self.now()
      for _ in 0..<calls {
        let status = unsafe nnq_run_batch(
          model, packed, rows, input.baseAddress, output.baseAddress, runtime.arena.baseAddress,
          runtime.arena.count)
        precondition(status == NNQ_OK, "the buffers have the sizes that the model states")
      }
      return Self.now() - start
    }
  }

  private static func now() -> UInt64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
