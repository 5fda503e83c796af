// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQFormat
import NNQLinalg
import NNQReference
import Testing

@testable import NNQTrain

@Suite("Models of trained networks")
struct ModelTests {
  static let shapes: [TrainingSettings] = {
    var shapes = [TrainingSettings]()
    for normalization in TrainingSettings.Normalization.allCases {
      for isGated in [false, true] {
        var settings = TrainingSettings()
        settings.hidden = [6, 6, 6]
        settings.normalization = normalization
        settings.isGated = isGated
        settings.isResidual = true
        settings.dropout = 0.3
        settings.temperature = 2
        shapes.append(settings)
      }
    }
    return shapes
  }()

  @Test("compute what the network computes in use", arguments: shapes)
  func same(settings: TrainingSettings) throws {
    var random = RandomSource(seed: 3)
    let network = Network<Float>(
      Architecture(settings, inputs: 4, outputs: 2, task: .regression, outputLayer: .identity),
      using: &random)
    for index in 0..<network.parameters.count {
      network.parameters[index] += Float(0.1 * random.normal())
    }
    for index in 0..<network.statistics.count {
      network.statistics[index] = Float(random.uniform(in: 0.5...2))
    }
    let rows = 20
    let x = Matrix(
      rows: rows, columns: 4, elements: (0..<4 * rows).map { _ in Float(random.normal()) })
    let expected = network.predict(x)
    let model = FloatModel(
      layers: network.modelLayers, features: (0..<4).map { Feature(name: "f\($0)") },
      task: ModelTask(kind: .regression, targets: ["a", "b"]))
    let inference = FloatInference(model)
    for row in 0..<rows {
      let found = inference.run((0..<4).map { x[row, $0] })
      for column in 0..<2 {
        // A few hundred operations on numbers of size 1 to 10 in binary32.
        #expect(abs(found[column] - expected[row, column]) < 1e-4)
      }
    }
  }
}
