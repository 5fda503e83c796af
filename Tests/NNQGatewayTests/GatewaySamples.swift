// SPDX-License-Identifier: Apache-2.0
import NNQFiles
import NNQFormat
import NNQGateway
import NNQTestSupport

/// The repository's model of five motor states, which declares sensor counts.
func motorModelBytes() throws -> [UInt8] {
  try readFile(packageRoot + "/models/motor-fault/model.int8.bin")
}

func motorModel() throws -> GatewayModel {
  try GatewayModel(try motorModelBytes(), name: "motor")
}

func motorEngine() throws -> Engine {
  var engine = Engine()
  engine.use(try motorModel())
  return engine
}

/// A table of golden rows: the cells of every row by the names of the columns.
func goldenRows(_ name: String) throws -> [[String: String]] {
  let text = String(
    decoding: try readFile(packageRoot + "/models/motor-fault/\(name)"), as: UTF8.self)
  let lines = text.split(separator: "\n").map { $0.split(separator: ",").map(String.init) }
  return lines.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(lines[0], $0)) }
}

extension Engine {
  mutating func answer(_ line: String) -> String {
    var reply: [UInt8] = []
    let bytes = Array(line.utf8)
    answer(line: bytes.span, into: &reply)
    return String(decoding: reply, as: UTF8.self)
  }

  mutating func answer(frame: [UInt8]) -> [UInt8] {
    var reply: [UInt8] = []
    answer(frame: frame.span, into: &reply)
    return reply
  }
}
