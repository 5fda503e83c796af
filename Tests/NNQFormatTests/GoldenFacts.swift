// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQReference
import NNQRuntime
import NNQTestSupport

/// What golden.json says of one golden model: its hashes, and what it makes of some rows.
struct GoldenFacts: Equatable {
  var hashes: [String: String] = [:]
  /// Rows of integers: codes, decisions, or the bits of binary32.
  var tables: [String: [[Int]]] = [:]

  init(_ json: JSONValue) throws {
    for key in json.keys {
      guard let value = json[key] else { continue }
      if let text = value.string {
        hashes[key] = text
      } else {
        tables[key] = value.elements.map { $0.elements.compactMap(\.double).map { Int($0) } }
      }
    }
  }

  /// The facts of a model on rows that are drawn.
  init(of model: Model, seed: UInt64) throws {
    var random = TestRandom(seed: seed)
    let rows = 8
    hashes["sha256"] = try model.identity()
    hashes["image_sha256"] = try model.imageIdentity()
    switch model {
    case .float(let float):
      let readings = Self.readings(float.features, rows, &random)
      tables["reading_bits"] = readings.map { $0.map { Int($0.bitPattern) } }
      tables["output_bits"] = Self.outputBits(float, readings)
    case .int8(let int8):
      let readings = Self.readings(int8.features, rows, &random)
      tables["reading_bits"] = readings.map { $0.map { Int($0.bitPattern) } }
      let codes = readings.map { int8.codes($0[...]) }
      tables["input_codes"] = codes.map { $0.map(Int.init) }
      tables.merge(Self.reference(int8.image, codes)) { $1 }
    case .image(let image):
      let codes = sampleCodes(
        rows, inputs: image.inputs, width: image.inputWidth, random: &random)
      tables["input_codes"] = codes.map { $0.map(Int.init) }
      tables.merge(Self.reference(image, codes)) { $1 }
    }
  }

  /// Rows around the features' means, the last one far outside.
  private static func readings(
    _ features: [Feature], _ rows: Int, _ random: inout TestRandom
  ) -> [[Float]] {
    (0..<rows).map { row in
      features.map {
        Float($0.offset + random.normal() * $0.scale * (row == rows - 1 ? 1e6 : 1))
      }
    }
  }

  static func outputBits(_ model: FloatModel, _ readings: [[Float]]) -> [[Int]] {
    let inference = FloatInference(model)
    return readings.map { row in
      inference.run(inference.standardized(row[...])).map { Int($0.bitPattern) }
    }
  }

  /// Outputs, decisions and probabilities of the Swift reference.
  static func reference(_ image: FlatImage, _ codes: [[Int16]]) -> [String: [[Int]]] {
    let inference = Int8Inference(image)
    let outputs = codes.map { inference.run($0) }
    var tables = ["output_codes": outputs.map { $0.map(Int.init) }]
    tables["decisions"] = zip(codes, outputs).map { input, output in
      switch inference.verdict(input: input, output: output) {
      case .label(let label, let margin): [label, Int(margin)]
      case .flags(let flags, let margins): flags.map { $0 ? 1 : 0 } + margins.map { Int($0) }
      case .values: []
      }
    }
    if image.probability != nil {
      tables["probabilities"] = outputs.map {
        (inference.probabilities(output: $0) ?? []).map(Int.init)
      }
    }
    return tables
  }

  /// The same from the C runtime.
  static func runtime(_ image: FlatImage, _ codes: [[Int16]]) throws -> [String: [[Int]]] {
    var runtime = try FirmwareRuntime(image: try image.serialized())
    var outputs: [[Int16]] = []
    var decisions: [[Int]] = []
    for row in codes {
      let output = runtime.run(row)
      outputs.append(output)
      if let (label, margin) = runtime.label(of: output) {
        decisions.append([label, Int(margin)])
      } else if let (flags, margins) = runtime.flags(of: output) {
        decisions.append(flags.map { $0 ? 1 : 0 } + margins.map { Int($0) })
      } else if let score = runtime.score(of: row, output: output) {
        let margin = runtime.scoreThreshold - score
        decisions.append([margin < 0 ? 1 : 0, Int(margin)])
      } else {
        decisions.append([])
      }
    }
    var tables = ["output_codes": outputs.map { $0.map(Int.init) }, "decisions": decisions]
    if runtime.hasProbabilities {
      tables["probabilities"] = outputs.map {
        (runtime.probabilities(of: $0) ?? []).map(Int.init)
      }
    }
    return tables
  }

  /// The member of golden.json, a table a line.
  func text(name: String) -> String {
    let lines =
      hashes.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \"\($0.value)\"" }
      + tables.sorted { $0.key < $1.key }.map { key, rows in
        let cells = rows.map { "[" + $0.map(String.init).joined(separator: ", ") + "]" }
        return "\"\(key)\": [" + cells.joined(separator: ", ") + "]"
      }
    return "  \"\(name)\": {\n    " + lines.joined(separator: ",\n    ") + "\n  }"
  }
}
