// SPDX-License-Identifier: Apache-2.0
import CZstd

/// What is wrong with a zstd frame.
public enum ZstdError: Error, Equatable, Sendable {
  /// The bytes do not start with a zstd frame that states its size.
  case notAFrame
  /// The frame states another size than the one expected.
  case wrongSize(found: UInt64, expected: UInt64)
  /// The frame needs a larger window than is allowed.
  case windowTooLarge
  /// The frame is cut short, damaged or followed by other bytes.
  case damaged(reason: String)
  /// There was no memory for the compressor.
  case outOfMemory
}

/// The one-shot use of zstd: one frame that states its size, nothing trailing.
public enum Zstd {
  /// The largest window that ``decompress(_:size:)`` accepts: 2^23 bytes.
  public static let largestWindowLog: Int32 = 23

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
    guard ZSTD_isError(status) == 0 else { throw .damaged(reason: name(of: status)) }
    return frame
  }

  /// Decompresses exactly one frame of exactly `size` bytes.
  ///
  /// - Parameter size: the size that the caller already checked against its own cap; no more than
  ///   this is allocated.
  public static func decompress(
    _ frame: ArraySlice<UInt8>, size: Int
  ) throws(ZstdError) -> [UInt8] {
    let facts = unsafe frame.withUnsafeBytes { bytes in
      (
        stated: unsafe ZSTD_getFrameContentSize(bytes.baseAddress, bytes.count),
        length: unsafe ZSTD_findFrameCompressedSize(bytes.baseAddress, bytes.count)
      )
    }
    // The two largest values stand for "unknown" and "error".
    guard facts.stated < UInt64.max - 1 else { throw .notAFrame }
    guard facts.stated == UInt64(size) else {
      throw .wrongSize(found: facts.stated, expected: UInt64(size))
    }
    guard ZSTD_isError(facts.length) == 0 else { throw .damaged(reason: name(of: facts.length)) }
    guard facts.length == frame.count else { throw .damaged(reason: "bytes after the frame") }

    let context = unsafe ZSTD_createDCtx()
    guard unsafe context != nil else { throw .outOfMemory }
    defer { unsafe ZSTD_freeDCtx(context) }
    unsafe ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, largestWindowLog)
    var status = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: size) { output, count in
      status = unsafe frame.withUnsafeBytes { input in
        unsafe ZSTD_decompressDCtx(
          context, output.baseAddress, output.count, input.baseAddress, input.count)
      }
      count = ZSTD_isError(status) == 0 ? status : 0
    }
    guard ZSTD_isError(status) == 0 else { throw .damaged(reason: name(of: status)) }
    guard status == size else {
      throw .wrongSize(found: UInt64(status), expected: UInt64(size))
    }
    return bytes
  }

  private static func name(of status: Int) -> String {
    unsafe String(cString: ZSTD_getErrorName(status))
  }
}
