// SPDX-License-Identifier: Apache-2.0
import CZstd

/// The one-shot use of zstd: one frame that states its size, nothing trailing.
public enum Zstd {
  /// The largest window that ``decompress(_:size:)`` accepts: 2^23 bytes.
  public static let largestWindowLog: Int32 = 23

  private static let magic: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD]

  /// Compresses into one frame.
  public static func compress(_ bytes: [UInt8], level: Int32 = 9) throws(ZstdError) -> [UInt8] {
    let context = unsafe ZSTD_createCCtx()
    guard unsafe context != nil else { throw .outOfMemory }
    defer { unsafe ZSTD_freeCCtx(context) }
    unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level)
    unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, largestWindowLog)
    var status = 0
    let frame = unsafe [UInt8](unsafeUninitializedCapacity: ZSTD_compressBound(bytes.count)) {
      output, count in
      status = unsafe bytes.withUnsafeBytes { input in
        unsafe ZSTD_compress2(
          context, output.baseAddress, output.count, input.baseAddress, input.count)
      }
      count = ZSTD_isError(status) == 0 ? status : 0
    }
    guard ZSTD_isError(status) == 0 else { throw ZstdError(status: status) }
    return frame
  }

  /// Decompresses exactly one frame of exactly `size` bytes.
  ///
  /// - Parameter size: the size that the caller already checked against its own cap; no more than
  ///   this is allocated, and only when the frame states the same.
  public static func decompress(
    _ frame: ArraySlice<UInt8>, size: Int
  ) throws(ZstdError) -> [UInt8] {
    try checkHead(of: frame, size: UInt64(size))
    let context = unsafe ZSTD_createDCtx()
    guard unsafe context != nil else { throw .outOfMemory }
    defer { unsafe ZSTD_freeDCtx(context) }
    var status = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: size) { output, count in
      status = unsafe frame.withUnsafeBytes { input in
        unsafe ZSTD_decompressDCtx(
          context, output.baseAddress, size, input.baseAddress, input.count)
      }
      count = ZSTD_isError(status) == 0 ? status : 0
    }
    guard ZSTD_isError(status) == 0 else { throw ZstdError(status: status) }
    guard status == size else {
      throw .wrongSize(found: UInt64(status), expected: UInt64(size))
    }
    return bytes
  }

  /// Whether a stream with these first bytes (4, or fewer as long as no more are known) is zstd.
  static func mayStartStream(_ first: ArraySlice<UInt8>) -> Bool {
    // A stream may also start with a skippable frame: 50 ... 5F, 2A, 4D, 18.
    let skippable: [UInt8] = [0x50, 0x2A, 0x4D, 0x18]
    return first.elementsEqual(magic.prefix(first.count))
      || zip(first, skippable).allSatisfy { $0 & ($1 == 0x50 ? 0xF0 : 0xFF) == $1 }
  }

  /// Refuses all that is not one frame of the stated size in an allowed window, before any of it
  /// is unpacked.
  private static func checkHead(
    of frame: ArraySlice<UInt8>, size: UInt64
  ) throws(ZstdError) {
    let facts = unsafe frame.withUnsafeBytes { bytes in
      (
        stated: unsafe ZSTD_getFrameContentSize(bytes.baseAddress, bytes.count),
        length: unsafe ZSTD_findFrameCompressedSize(bytes.baseAddress, bytes.count)
      )
    }
    // The two largest sizes stand for "unknown" and "error".
    guard frame.starts(with: magic), facts.stated < UInt64.max - 1 else { throw .notAFrame }
    guard facts.stated == size else { throw .wrongSize(found: facts.stated, expected: size) }
    // The one-shot decoder needs no window and so checks none. RFC 8878, 3.1.1.1: bit 5 of the
    // descriptor says that the content is the window, else its size follows.
    let head = Array(frame.prefix(6))
    let window: UInt64
    if head[4] & 0x20 != 0 {
      window = size
    } else {
      let base = UInt64(1) << (10 + UInt64(head[5] >> 3))
      window = base + base / 8 * UInt64(head[5] & 7)
    }
    guard window <= UInt64(1) << UInt64(largestWindowLog) else { throw .windowTooLarge }
    guard ZSTD_isError(facts.length) == 0 else { throw ZstdError(status: facts.length) }
    guard facts.length == frame.count else { throw .damaged(reason: "bytes after the frame") }
  }
}
