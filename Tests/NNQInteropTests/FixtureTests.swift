// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQFiles
import NNQFormat
import NNQInterop
import NNQReference
import NNQTestSupport
import Testing

/// A network of another tool with what that tool's runtime answers, or a file that must be refused.
struct Fixture: Sendable, CustomTestStringConvertible {
  enum Kind: String, Sendable {
    /// Values of a regression, within a share of their range.
    case values
    /// Probabilities in binary32.
    case probabilities
    /// The index of a class.
    case labels
    /// Codes in, codes out.
    case codes
    /// Codes in, probabilities out in codes of 1/256.
    case shares
    /// Readings on the input's grid in, values on the output's grid out.
    case quantized
    case refused
  }

  static let folder = packageRoot + "/Tests/NNQInteropTests/Fixtures/"
  static let all: [Fixture] = {
    let bytes = (try? readFile(folder + "index.tsv", limit: 1 << 20)) ?? []
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").dropFirst()
    return lines.compactMap { Fixture($0) }
  }()

  let name: String
  let file: String
  let kind: Kind
  let task: ModelTask.Kind?
  let tolerance: String

  private init?(_ line: Substring) {
    let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    guard cells.count == 8, let kind = Kind(rawValue: cells[4]) else { return nil }
    (name, file, tolerance) = (cells[0], cells[1], cells[6])
    self.kind = kind
    task = ModelTask.Kind.allCases.first { $0.name == cells[5] }
  }

  var testDescription: String { name }

  func model() throws -> Model {
    try Model(
      importing: readFile(Self.folder + file, limit: 1 << 24), ImportSettings(task: task))
  }

  func array(_ part: String) throws -> NumPyArray {
    try NumPyArray(reading: "\(Self.folder)\(name).\(part).npy")
  }
}

@Suite struct FixtureTests {
  @Test("there are fixtures of every kind")
  func kinds() {
    #expect(Fixture.all.filter { $0.kind != .refused }.count >= 40)
    #expect(Fixture.all.filter { $0.kind == .refused }.count >= 5)
  }

  @Test(
    "a network imports and answers as the runtime it comes from",
    arguments: Fixture.all.filter { $0.kind != .refused })
  func answers(fixture: Fixture) throws {
    let input = try fixture.array("input")
    let expected = try fixture.array("output")
    #expect(expected.rows == input.rows)
    let limit = try #require(Double(fixture.tolerance))
    switch try fixture.model() {
    case .float(let model):
      let worst = worstError(model, fixture.kind, input, expected)
      #expect(worst <= limit, "\(worst)")
    case .int8(let model):
      let errors = codeErrors(model, fixture.kind, input, expected)
      let worst = errors.max() ?? 0
      #expect(worst <= limit, "\(worst), \(errors.count { $0 > 0 }) of \(errors.count)")
      if fixture.kind == .quantized {
        // Half a code of slack for the binary32 numbers that carry the codes.
        #expect(errors.count { $0 > 1.5 } * 1000 <= errors.count)
      }
    case .image: Issue.record("an import gives no flat image")
    }
  }

  @Test(
    "what is no perceptron is refused by its name",
    arguments: Fixture.all.filter { $0.kind == .refused })
  func refusals(fixture: Fixture) {
    do {
      _ = try fixture.model()
      Issue.record("\(fixture.name) was taken")
    } catch let error as InteropError {
      for word in fixture.tolerance.split(separator: " ") {
        #expect("\(error)".contains(word), "\(error)")
      }
    } catch {
      Issue.record("\(error)")
    }
  }

  // MARK: -

  /// The largest error as a share of the outputs' range, or of 1 for probabilities and labels.
  private func worstError(
    _ model: FloatModel, _ kind: Fixture.Kind, _ input: NumPyArray, _ expected: NumPyArray
  ) -> Double {
    let inference = FloatInference(model)
    let answers = expected.readings
    let spread = Double((answers.max() ?? 0) - (answers.min() ?? 0))
    var worst = 0.0
    for row in 0..<input.rows {
      let readings = input.readings[row * input.columns..<(row + 1) * input.columns]
      let standardized = inference.standardized(readings)
      let prediction = model.task.prediction(
        input: standardized, output: inference.run(standardized))
      let own: [Double] =
        switch kind {
        case .probabilities: prediction.probabilities
        case .labels: [Double(prediction.label ?? -1)]
        default: prediction.values
        }
      #expect(own.count == expected.columns)
      for (value, column) in zip(own, 0..<expected.columns) {
        worst = max(worst, abs(value - Double(answers[row * expected.columns + column])))
      }
    }
    return kind == .values ? worst / max(spread, .leastNormalMagnitude) : worst
  }

  /// How far each output is from what it should be, in codes.
  private func codeErrors(
    _ model: Int8Model, _ kind: Fixture.Kind, _ input: NumPyArray, _ expected: NumPyArray
  ) -> [Double] {
    let inference = Int8Inference(model.image)
    let answers = expected.readings
    return (0..<input.rows).flatMap { row in
      let readings = input.readings[row * input.columns..<(row + 1) * input.columns]
      let codes = kind == .quantized ? model.codes(readings) : readings.map { Int16($0) }
      let output = inference.run(codes)
      let own: [Double]
      var wanted = answers[row * expected.columns..<(row + 1) * expected.columns].map(Double.init)
      switch kind {
      case .shares:
        own = (inference.probabilities(output: output) ?? []).map { Double($0) / 256 }
        wanted = wanted.map { $0 + 128 }
      case .quantized:
        let steps = model.image.outputs.map { $0.real(1) - $0.real(0) }
        own = zip(output, zip(model.image.outputs, steps)).map { $1.0.real($0) / $1.1 }
        wanted = zip(wanted, steps).map { $0 / $1 }
      default: own = output.map(Double.init)
      }
      #expect(own.count == wanted.count)
      return zip(own, wanted).map { abs($0 - $1) }
    }
  }
}
