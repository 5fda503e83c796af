// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQFiles
import NNQFormat
import Testing

@testable import NNQTrain

@Suite struct ReproducibilityTests {
  private func bytes(_ change: (inout TrainingSettings) -> Void) throws -> [UInt8] {
    var settings = TrainingSettings()
    settings.hidden = [8]
    settings.epochs = 3
    change(&settings)
    let data = MotorSimulator(seed: 3).dataset(rows: 300)
    return try Model.float(try Trainer(settings: settings).train(data).model).serialized()
  }

  @Test("the same rows, settings and seed give the same bytes, another seed gives others")
  func sameBytes() throws {
    #expect(try bytes { $0.seed = 1 } == bytes { $0.seed = 1 })
    #expect(try bytes { $0.seed = 1 } != bytes { $0.seed = 2 })
  }

  @Test("the number of threads changes no byte", arguments: [false, true])
  func threads(isReproducible: Bool) throws {
    func model(_ threads: Int) throws -> [UInt8] {
      try bytes {
        $0.hidden = [70, 64]
        $0.batch = 150
        $0.threads = threads
        $0.isReproducible = isReproducible
      }
    }
    let one = try model(1)
    #expect(try model(2) == one)
    #expect(try model(3) == one)
  }

  @Test("a reproducible training gives the weights that were committed")
  func golden() throws {
    var settings = TrainingSettings()
    settings.hidden = [24, 24]
    settings.epochs = 5
    settings.isReproducible = true
    settings.isGated = true
    settings.normalization = .layer
    settings.isResidual = true
    settings.dropout = 0.1
    settings.noise = 0.1
    let data = MotorSimulator(seed: 3).dataset(rows: 400)
    let model = try Trainer(settings: settings).train(data).model
    var words = [UInt8]()
    for layer in model.layers {
      var numbers = layer.weights + layer.bias
      if case .layerNorm(let gamma, let beta, _) = layer.operation { numbers += gamma + beta }
      for number in numbers {
        for shift in [0, 8, 16, 24] as [UInt32] {
          words.append(UInt8(truncatingIfNeeded: number.bitPattern >> shift))
        }
      }
    }
    #expect(SHA256.hex(words) == Self.goldenHash)
  }

  /// The SHA-256 of all weights in order, little-endian. Found alike in debug and in release on one
  /// x86-64 machine; no other kind of CPU has run it.
  private static let goldenHash =
    "faf2d77cc5e89ae60c047fe734d02e0e3461548d7bdafeff24f339b21bd266ed"
}
