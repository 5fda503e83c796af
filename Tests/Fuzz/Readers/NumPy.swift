// SPDX-License-Identifier: Apache-2.0
import NNQData

/// An array has as many numbers as its shape says, and is a table unless a number is infinite.
func fuzzNumPy(_ bytes: [UInt8]) {
  let path = memoryFile(bytes)
  guard let array = try? NumPyArray(reading: path) else { return }
  let readings = array.readings
  must(array.rows > 0 && array.columns > 0 && readings.count == array.rows * array.columns)
  if let table = try? Dataset(array, columns: forTraining, file: path) { check(table) }
  if let table = try? Dataset(array, columns: .model(features: ["a", "b"]), file: path) {
    check(table)
  }
}
