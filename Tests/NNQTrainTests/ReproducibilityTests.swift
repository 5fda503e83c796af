// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQFormat
import NNQTrain
import Testing

@Suite struct ReproducibilityTests {
  @Test("the same rows, settings and seed give the same bytes, another seed gives others")
  func sameBytes() throws {
    let data = MotorSimulator(seed: 3).dataset(rows: 200)
    func bytes(seed: UInt64) throws -> [UInt8] {
      var settings = TrainingSettings()
      settings.hidden = [8]
      settings.epochs = 3
      settings.seed = seed
      return try Model.float(try Trainer(settings: settings).train(data).model).serialized()
    }
    #expect(try bytes(seed: 1) == bytes(seed: 1))
    #expect(try bytes(seed: 1) != bytes(seed: 2))
  }
}
