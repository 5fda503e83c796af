// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQData
import NNQFiles

/// A table that is read has as many numbers as rows and columns, whatever its form; read for a model's
/// features or for training, at once or row by row.
func fuzz(_ bytes: [UInt8]) {
  guard let path = file(bytes) else { return }
  let training = ColumnSelection.training(
    targets: [], group: nil, excluded: [], categorical: [], requiresTarget: false)
  let ofModel = ColumnSelection.model(features: ["a", "b"])
  for columns in [training, ofModel] {
    guard let table = try? Dataset(reading: path, columns: columns) else { continue }
    must(table.rows > 0 && table.readings.count == table.rows * table.featureNames.count)
    must(!table.readings.contains { $0.isInfinite })
  }
  if var reader = try? RowReader(path, columns: ofModel) {
    var readings: [Float] = []
    while let rows = try? reader.read(into: &readings, limit: 7), rows > 0 {
      must(rows <= 7 && readings.count.isMultiple(of: 2))
    }
  }
  if let array = try? NumPyArray(reading: path) {
    must(array.rows > 0 && array.columns > 0 && array.readings.count == array.rows * array.columns)
  }
  // As one frame of a stated size.
  if let raw = try? Zstd.decompress(bytes[...], size: 64) { must(raw.count == 64) }
}

/// A file in memory without a name, written anew for each input.
private let descriptor: Int32 = {
  let path = "/dev/shm/nnq-fuzz-\(getpid())"
  defer { unlink(path) }
  return open(path, O_RDWR | O_CREAT | O_EXCL, 0o600)
}()

private func file(_ bytes: [UInt8]) -> String? {
  guard descriptor >= 0, ftruncate(descriptor, 0) == 0 else { return nil }
  let written = bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
  return written == bytes.count ? "/proc/self/fd/\(descriptor)" : nil
}
