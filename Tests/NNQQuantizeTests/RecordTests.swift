// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQTestSupport
import Testing

@testable import NNQQuantize

@Suite struct RecordTests {
  @Test("the record in the provenance rebuilds the same bytes")
  func rebuild() throws {
    let model = sampleFloatModel(.multiclass, widths: [6, 9, 7, 3], rows: 200, seed: 95)
    for (weights, scales) in [
      (QuantizationSettings.Weights.eight, QuantizationSettings.WeightScales.row),
      (.eight, .tensor), (.mixed, .row),
    ] {
      var settings = QuantizationSettings()
      (settings.weights, settings.weightScales) = (weights, scales)
      let first = try Int8Model.quantizing(model, settings).model
      let line = try #require(first.provenance[QuantizationRecord.key])
      let record = try #require(QuantizationRecord(line, layers: 3))
      let again = try Int8Model.quantizing(model, record.settings, recipe: record.recipe).model
      #expect(try Model.int8(again).serialized() == Model.int8(first).serialized())
    }
  }

  @Test(
    "lines that are no record are refused",
    arguments: ["", "input=8", "input=12 input-scale=tensor", "=", "input=8 input-scale=auto"])
  func refused(line: String) {
    #expect(QuantizationRecord(line, layers: 2) == nil)
  }

  @Test("a front has only points that no other beats, and answers both questions")
  func front() throws {
    let model = sampleFloatModel(.regression, widths: [6, 24, 12, 1], rows: 200, seed: 96)
    var settings = QuantizationSettings()
    settings.weights = .mixed
    let front = try RecipeFront(model, settings) { $0.inputs + $0.outputs.count }
    #expect(front.points.count >= 2)
    for (index, point) in front.points.enumerated() {
      for (other, better) in front.points.enumerated() where other != index {
        #expect(
          better.flashBytes > point.flashBytes || better.ramBytes > point.ramBytes
            || better.heldBack.loss > point.heldBack.loss)
      }
    }
    let smallest = try #require(front.points.first)
    #expect(front.best(within: .init(flashBytes: smallest.flashBytes)) != nil)
    #expect(front.best(within: .init(flashBytes: 1)) == nil)
    #expect(front.best(within: .init(macs: 1)) == nil)
    #expect(front.smallest(losing: 0) == nil)
    #expect(front.smallest(losing: 1)?.flashBytes == smallest.flashBytes)
    let loosest = try #require(front.best(within: .init()))
    #expect(front.points.allSatisfy { $0.heldBack.loss >= loosest.heldBack.loss })
  }
}
