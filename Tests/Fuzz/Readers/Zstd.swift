// SPDX-License-Identifier: Apache-2.0
import NNQFiles

/// Frames are a stream of bytes that ends, and the bytes behind the first, which states a size, are one
/// frame of that size or refused.
func fuzzZstd(_ bytes: [UInt8]) {
  let path = memoryFile(bytes)
  if var source = try? ByteSource(path) {
    var chunk = [UInt8](repeating: 0, count: 4096)
    var total = 0
    while total < mostUnpacked, let got = try? source.read(into: &chunk, at: 0..<chunk.count),
      got > 0
    {
      total += got
    }
  }
  guard let size = bytes.first.map(Int.init) else { return }
  if let raw = try? Zstd.decompress(bytes.dropFirst(), size: size) { must(raw.count == size) }
}

/// A few bytes may stand for many.
private let mostUnpacked = 1 << 16
