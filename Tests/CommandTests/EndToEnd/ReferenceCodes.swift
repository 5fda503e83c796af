// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQReference
import NNQTestSupport

struct NotAnInt8Model: Error {}

/// What the Swift reference makes of a table, which it reads by its own means.
func referenceCodes(_ file: [UInt8], _ table: SampleTable) throws -> [[Int16]] {
  guard case .int8(let model) = try Model(parsing: file) else { throw NotAnInt8Model() }
  let inference = Int8Inference(model.image)
  let columns = table.reordered(model.features.map(\.name))
  return columns.rows.map { row in
    let readings = zip(row, model.features).map { text, feature in
      // A reading is rounded to binary64 and from there to binary32.
      Double(text).map { Float($0) } ?? Float(feature.replacement ?? .nan)
    }
    return inference.run(model.codes(readings[...]))
  }
}
