// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQFiles
import NNQFormat
import NNQInterop
import NNQReference
import NNQTestSupport
import Testing

/// The nets of ../shared/models/dataset_nets and the table each was made for.
let sharedNets = [
  ("ccpp", "test.csv"), ("cmapss_fd001", "test.csv.zst"), ("hydraulic", "test.csv"),
  ("occupancy", "test.csv"), ("ozone8h", "test.csv"), ("shuttle_ad", "test.csv"),
  ("ujiindoorloc", "test.csv"), ("wall_robot", "test.csv"),
]

/// The float model in a file of ../shared/models.
func importedFloat(
  _ path: String, _ settings: ImportSettings = ImportSettings()
) throws -> FloatModel {
  let folder = try #require(sharedFolder) + "/models/"
  let model = try Model(importing: readFile(folder + path, limit: .max - 1), settings)
  guard case .float(let float) = model else {
    throw InteropError.unknownFormat
  }
  return float
}

@Suite(.enabled(if: sharedFolder != nil, "the folder shared is absent"))
struct SharedModelsTests {
  @Test(
    "an ONNX net answers raw rows as its runtime does, within 1e-5 of its range",
    arguments: sharedNets)
  func answers(name: String, table: String) throws {
    let folder = try #require(sharedFolder)
    let model = try importedFloat("dataset_nets/\(name)/\(name).onnx")
    #expect(model.task.kind == .regression)
    let data = try Dataset(
      reading: "\(folder)/data/\(name)/\(table)", columns: .training(requiresTarget: false))
    let expected = try NumPyArray(
      reading: "\(folder)/models/dataset_nets/\(name)/float_test_output.npy")
    #expect(data.featureNames.count == model.inputs)
    #expect(expected.rows == data.rows)
    let inference = FloatInference(model)
    let answers = expected.readings
    // The runtime rounds every step to binary32, in another order.
    let range = (answers.max() ?? 0) - (answers.min() ?? 0)
    let step = max(data.rows / 500, 1)
    var worst = 0.0
    for row in stride(from: 0, to: data.rows, by: step) {
      let readings = data.readings[row * model.inputs..<(row + 1) * model.inputs]
      let input = inference.standardized(readings)
      let values = model.task.prediction(input: input, output: inference.run(input)).values
      for (column, value) in values.enumerated() {
        worst = max(worst, abs(value - Double(answers[row * expected.columns + column])))
      }
    }
    #expect(worst <= 1e-5 * Double(range), "\(worst / Double(range)) of the range")
  }
}
