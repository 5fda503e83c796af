// SPDX-License-Identifier: Apache-2.0
public import NNQFormat

/// A small table of sensor readings in unlike units whose targets can be learnt from them.
public struct SampleTable: Sendable {
  public var header: [String]
  public var rows: [[String]]

  public static let features = ["temp", "rms_x", "rms_y", "current"]

  /// - Parameter hasAnomalies: for an anomaly task, whether every fifth row is one.
  public init(_ kind: ModelTask.Kind, rows count: Int, seed: UInt64, hasAnomalies: Bool = false) {
    var random = TestRandom(seed: seed)
    let targets =
      switch kind {
      case .binary, .multiclass, .anomaly: ["label"]
      case .multilabel: ["label_hot", "label_rough"]
      case .regression: ["target_power", "target_wear"]
      }
    header = Self.features + targets
    rows = (0..<count).map { row in
      let isAnomaly = hasAnomalies && row % 5 == 4
      let hidden = random.normal()
      let readings = [
        55 + 9 * hidden + random.normal(),
        1 + 0.3 * random.normal() + (isAnomaly ? 4 : 0),
        0.02 * hidden + 0.01 * random.normal() - (isAnomaly ? 0.3 : 0),
        900 + 120 * random.normal(),
      ].map { Float($0) }
      let isHot = readings[0] > 55
      let isRough = readings[1] > 1
      let answers: [String] =
        switch kind {
        case .binary: [isHot ? "hot" : "cool"]
        case .multiclass: [isHot ? "hot" : isRough ? "rough" : "fine"]
        case .multilabel: [isHot ? "1" : "0", isRough ? "1" : "0"]
        case .regression: ["\(readings[0] * 3 + readings[3] / 100)", "\(readings[1] * -0.01)"]
        case .anomaly: [isAnomaly ? "broken" : "normal"]
        }
      return readings.map { "\($0)" } + answers
    }
  }

  public init(header: [String], rows: [[String]]) {
    self.header = header
    self.rows = rows
  }

  /// Lines that end in LF; cells are taken as they are, so that a caller quotes what must be.
  public var csv: String {
    ([header] + rows).map { $0.joined(separator: ",") + "\n" }.joined()
  }

  /// The same table with one cell put in; row 0 is the first below the header.
  public func with(_ text: String, row: Int, column: String) -> SampleTable {
    var table = self
    if let index = header.firstIndex(of: column) { table.rows[row][index] = text }
    return table
  }

  public func without(column: String) -> SampleTable {
    guard let index = header.firstIndex(of: column) else { return self }
    var table = self
    table.header.remove(at: index)
    for row in rows.indices { table.rows[row].remove(at: index) }
    return table
  }

  public func reordered(_ columns: [String]) -> SampleTable {
    let places = columns.compactMap { header.firstIndex(of: $0) }
    return SampleTable(
      header: places.map { header[$0] }, rows: rows.map { row in places.map { row[$0] } })
  }
}
