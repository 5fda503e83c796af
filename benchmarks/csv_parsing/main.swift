// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQData

/// Times three ways of reading a CSV file and prints bytes a second in millions.
let path = CommandLine.arguments[1]
let runs = 9

var info = stat()
guard stat(path, &info) == 0 else { exit(1) }
let megabytes = Double(info.st_size) / 1e6

func seconds(_ body: () throws -> Int) rethrows -> (seconds: Double, rows: Int) {
  var start = timespec()
  var end = timespec()
  clock_gettime(CLOCK_MONOTONIC, &start)
  let rows = try body()
  clock_gettime(CLOCK_MONOTONIC, &end)
  let whole = Double(end.tv_sec - start.tv_sec)
  return (whole + Double(end.tv_nsec - start.tv_nsec) / 1e9, rows)
}

func measure(_ name: String, _ body: () throws -> Int) rethrows {
  // The first reading brings the file into the page cache.
  let rows = try body()
  var rates: [Double] = []
  for _ in 0..<runs {
    let run = try seconds(body)
    precondition(run.rows == rows)
    rates.append(megabytes / run.seconds)
  }
  rates.sort()
  func text(_ rate: Double) -> String { "\(Int(rate.rounded())) MB/s" }
  print("\(name): minimum \(text(rates[0])), median \(text(rates[runs / 2]))")
}

print("\(Int(megabytes.rounded())) MB, \(runs) runs each, one thread")
try measure("rows as they come (predict)") {
  var reader = try RowReader(path, columns: .training(requiresTarget: false))
  var readings: [Float] = []
  var rows = 0
  while case let count = try reader.read(into: &readings), count > 0 {
    rows += count
    readings.removeAll(keepingCapacity: true)
  }
  return rows
}
let names = try RowReader(path, columns: .training(requiresTarget: false)).columns.featureNames
try measure("a whole table with labels (eval)") {
  let columns = ColumnSelection.model(
    features: names, targets: ["label"], requiresTargets: true)
  return try Dataset(reading: path, columns: columns).rows
}
try measure("a whole table with labels and its SHA-256 (train)") {
  try Dataset(reading: path, columns: .training()).rows
}
