// SPDX-License-Identifier: Apache-2.0
import CZstd

/// The streaming use of zstd: any number of frames, skippable ones among them.
@safe struct ZstdDecoder: ~Copyable {
  private let context: OpaquePointer
  /// The last frame is complete and nothing of a next one has been seen.
  private(set) var isBetweenFrames = false
  /// The output was full when the decoder stopped: it may hold more without any further input.
  private var mayHoldMore = false

  init(largestWindowLog: Int32) throws(ZstdError) {
    guard let created = unsafe ZSTD_createDCtx() else { throw .outOfMemory }
    unsafe context = created
    unsafe ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, largestWindowLog)
  }

  deinit { unsafe ZSTD_freeDCtx(context) }

  /// Unpacks from `input[start..<end]`, moving `start` on, into `output` at `range`.
  ///
  /// - Returns: the number of bytes put into `output`; 0 asks for more input.
  mutating func decompress(
    _ input: [UInt8], from start: inout Int, to end: Int, into output: inout [UInt8],
    at range: Range<Int>
  ) throws(ZstdError) -> Int {
    guard start < end || mayHoldMore else { return 0 }
    var taken = 0
    var made = 0
    var status = 0
    unsafe input.withUnsafeBytes { source in
      unsafe output.withUnsafeMutableBytes { target in
        var from = unsafe ZSTD_inBuffer(src: source.baseAddress, size: end, pos: start)
        var into = unsafe ZSTD_outBuffer(
          dst: target.baseAddress, size: range.upperBound, pos: range.lowerBound)
        status = unsafe ZSTD_decompressStream(context, &into, &from)
        taken = unsafe from.pos
        made = unsafe into.pos
      }
    }
    guard ZSTD_isError(status) == 0 else { throw ZstdError(status: status) }
    start = taken
    isBetweenFrames = status == 0
    mayHoldMore = status != 0 && made == range.upperBound
    return made - range.lowerBound
  }
}
