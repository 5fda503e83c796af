// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQTestSupport
import Testing

@testable import NNQQuantize

/// Each rule with a planted fault, and a clean model on which all are silent.
@Suite struct DoctorTests {
  private func plain() -> QuantizationSettings {
    var settings = QuantizationSettings()
    settings.inputWidth = .eight
    settings.inputScale = .tensor
    settings.activations = .eight
    settings.outputWidth = .eight
    return settings
  }

  private func clean(activation: Activation = .relu, rows: Int = 300) -> FloatModel {
    sampleFloatModel(
      .regression, widths: [6, 12, 10, 1], activation: activation, rows: rows, seed: 81)
  }

  private func kinds(
    _ model: FloatModel, _ settings: QuantizationSettings? = nil,
    evaluation: CalibrationRows? = nil
  ) throws -> Set<Finding.Kind> {
    Set(
      try Doctor(model, settings ?? plain(), evaluation: evaluation).findings.map(\.kind))
  }

  @Test("a clean model has no finding, with the default settings as well")
  func silent() throws {
    let model = clean()
    #expect(try Doctor(model, QuantizationSettings()).findings == [])
    var wide = plain()
    wide.outputWidth = .sixteen
    wide.inputWidth = .sixteen
    wide.activations = .sixteen
    #expect(try Doctor(model, wide, evaluation: model.calibration).findings == [])
  }

  @Test("an outlier channel is found and its fix gains")
  func outlier() throws {
    var model = clean()
    for row in stride(from: 0, to: 300, by: 30) {
      model.calibration?.readings[row * 6 + 2] = Float(
        model.features[2].offset + 200 * model.features[2].scale)
    }
    let findings = try Doctor(model, plain()).findings
    let finding = try #require(findings.first { $0.kind == .outlierChannel })
    #expect(finding.place == model.features[2].name)
    #expect(finding.fix == .option("--input", "16"))
    guard case .sqnr(let before, let after) = finding.gain else {
      Issue.record("no gain in decibels")
      return
    }
    #expect(after >= before + 3)
  }

  @Test("features of different reach are found")
  func heterogeneous() throws {
    var model = clean()
    // A feature whose standardized reach is 60 times the others', and weights that undo that.
    for row in 0..<300 {
      let index = row * 6 + 1
      guard let reading = model.calibration?.readings[index] else { return }
      let offset = model.features[1].offset
      model.calibration?.readings[index] = Float(offset + (Double(reading) - offset) * 60)
    }
    for unit in 0..<12 { model.layers[0].weights[unit * 6 + 1] /= 60 }
    #expect(try kinds(model).contains(.heterogeneousFeatures))
  }

  @Test("units of unlike size under one weight scale are found, and equalizing them gains")
  func unbalancedUnits() throws {
    var model = clean()
    for unit in stride(from: 0, to: 12, by: 3) {
      for input in 0..<6 { model.layers[0].weights[unit * 6 + input] *= 300 }
      model.layers[0].bias[unit] *= 300
      for row in 0..<10 { model.layers[1].weights[row * 12 + unit] /= 300 }
    }
    var settings = plain()
    settings.weightScales = .tensor
    let findings = try Doctor(model, settings).findings
    let finding = try #require(findings.first { $0.kind == .unbalancedUnits })
    #expect(finding.place == "dense0, units 0, 3, 6, 9")
    #expect(finding.fix == .option("--equalize", "0.5"))
    guard case .sqnr(let before, let after) = finding.gain else {
      Issue.record("no gain in decibels")
      return
    }
    #expect(after >= before + 3)
    settings.equalization = .half
    #expect(!(try kinds(model, settings).contains(.unbalancedUnits)))
    #expect(!(try kinds(clean(), plain()).contains(.unbalancedUnits)))
  }

  @Test("a constant feature is found")
  func constantFeature() throws {
    var model = clean()
    for row in 0..<300 { model.calibration?.readings[row * 6 + 4] = 7 }
    let findings = try Doctor(model, plain()).findings
    #expect(findings.contains { $0.kind == .constantFeature && $0.fix == .prune })
  }

  @Test("a dead unit is found, and pruning leaves the outputs as they are")
  func deadUnit() throws {
    var model = clean()
    model.layers[0].bias[3] = -1000
    let findings = try Doctor(model, plain()).findings
    let finding = try #require(findings.first { $0.kind == .deadUnit })
    #expect(finding.place == "dense0, unit 3")
    #expect(finding.gain == .weights(before: 202, after: 186))
    let pruned = try model.pruned()
    #expect(pruned.layers[0].outputs == 11)
    let rows = try #require(model.calibration)
    let before = try CalibrationPass(model, rows).outputs[2].joined()
    let after = try CalibrationPass(pruned, rows).outputs[2].joined()
    // Sums in another order of binary32 terms: a few units in the last place of their size.
    for (a, b) in zip(before, after) { #expect(abs(a - b) <= 1e-5 * (1 + abs(a))) }
  }

  @Test("a saturated unit is found")
  func saturatedUnit() throws {
    var model = clean(activation: .tanh)
    model.layers[0].bias[5] = 12
    // The next layer lives from what is left of the unit's change.
    for unit in 0..<10 { model.layers[1].weights[unit * 12 + 5] *= 3000 }
    var settings = plain()
    settings.takesFineTables = false
    let found = try Doctor(model, settings).findings.map(\.kind)
    #expect(found.contains(.saturatedUnit) || found.contains(.deadUnit))
  }

  @Test("a coarse head is found")
  func coarseHead() throws {
    var model = sampleFloatModel(
      .multiclass, widths: [6, 12, 4], activation: .relu, rows: 400, seed: 82)
    // Logits of one class far below make the range wide and the steps of the others coarse.
    model.layers[1].bias[3] -= 400
    #expect(try kinds(model).contains(.coarseHead))
  }

  @Test("a bias far beyond its sums is found")
  func largeBias() throws {
    var model = clean()
    model.layers[0].bias[2] = 4000
    for unit in 0..<10 {
      let weight = model.layers[1].weights[unit * 12 + 2]
      model.layers[1].bias[unit] -= weight * 4000
    }
    #expect(try kinds(model).contains(.largeBias))
  }

  @Test("an outlier channel is one in any unit of its readings", arguments: [0.01, 1, 100])
  func unit(factor: Double) throws {
    var model = clean()
    for index in model.features.indices {
      model.features[index].offset = 0
      model.features[index].scale = 1
    }
    for row in 0..<300 {
      for feature in 0..<6 {
        let size = (row % 30 == 0 && feature == 2 ? 200 : 1) * factor
        model.calibration?.readings[row * 6 + feature] = Float(
          size * Double((row + feature) % 7 - 3))
      }
    }
    model.statistics = nil
    for place in 0..<72 {
      model.layers[0].weights[place] /= Float(place % 6 == 2 ? 50 * factor : factor)
    }
    #expect(try kinds(model).contains(.outlierChannel))
  }

  @Test("one finding stands for all units of a layer with a large bias, and only training cures it")
  func largeBiases() throws {
    var model = clean()
    for unit in 0..<10 { model.layers[1].bias[unit] = 30_000 }
    let mean = model.layers[2].weights.reduce(0, +) / 10
    for unit in 0..<10 { model.layers[2].weights[unit] -= mean }
    let found = try Doctor(model, QuantizationSettings()).findings.filter { $0.kind == .largeBias }
    #expect(found.map(\.place) == ["dense1, units 0, 1, 2, 3, 4, 5, 6, 7 and 2 more"])
    #expect(found.map(\.fix) == [.trainNormalized] && found.map(\.gain) == [.unknown])
  }

  @Test("units at the end of a sigmoid say nothing, those of steep weights are saturated")
  func saturatedUnits() throws {
    var dead = clean(activation: .sigmoid)
    for unit in 0..<5 { dead.layers[0].bias[unit] = -40 }
    let finding = try #require(
      try Doctor(dead, QuantizationSettings()).findings.first { $0.kind == .deadUnit })
    #expect(finding.place == "dense0, units 0, 1, 2, 3, 4" && finding.fix == .prune)

    var steep = clean(activation: .tanh)
    for place in 0..<8 * 6 { steep.layers[0].weights[place] *= 1000 }
    let saturated = try Doctor(steep, QuantizationSettings()).findings.filter {
      $0.kind == .saturatedUnit
    }
    #expect(saturated.map(\.place) == ["dense0, units 0, 1, 2, 3, 4, 5, 6, 7"])
  }

  @Test("the recipe asked for is examined, and a gain is what the fixed settings give")
  func applied() throws {
    var model = clean()
    for input in 0..<6 { model.layers[0].weights[18 + input] *= 300 }
    model.layers[0].bias[3] *= 300
    for row in 0..<10 { model.layers[1].weights[row * 12 + 3] /= 300 }
    let rows = try #require(model.calibration)
    for weights in QuantizationSettings.Weights.allCases {
      var settings = QuantizationSettings()
      settings.weights = weights
      let doctor = try Doctor(model, settings)
      let report = try Int8Model.quantizing(model, settings).report
      #expect(doctor.recipe == report.chosen && doctor.heldBack == report.heldBack)
      let finding = try #require(doctor.findings.first { $0.kind == .unbalancedUnits })
      #expect(finding.place == "dense0, unit 3")
      settings.equalization = .half
      let cured = try QuantizationPlan(model, rows, settings).heldBack()
      #expect(finding.gain == .sqnr(before: report.heldBack?.sqnr ?? 0, after: cured.sqnr ?? 0))
    }
  }

  @Test("rows unlike those of calibration are found")
  func unlikeRows() throws {
    let model = clean()
    var met = try #require(model.calibration)
    for index in met.readings.indices {
      let feature = model.features[index % 6]
      met.readings[index] = Float(
        feature.offset + (Double(met.readings[index]) - feature.offset) * 5)
    }
    #expect(try kinds(model, evaluation: met).contains(.unlikeRows))
  }

  @Test("too few rows are found")
  func fewRows() throws {
    #expect(try kinds(clean(rows: 20)).contains(.fewRows))
  }

  @Test("a layer that makes most of the noise is found")
  func dominantLayer() throws {
    var model = clean()
    // One unit of 12 is a thousand times larger than the others and weighs as much as they do.
    for input in 0..<6 { model.layers[0].weights[input] *= 1000 }
    for unit in 0..<10 { model.layers[1].weights[unit * 12] /= 1000 }
    var settings = plain()
    settings.inputWidth = .sixteen
    settings.outputWidth = .sixteen
    #expect(try kinds(model, settings).contains(.dominantLayer))
  }
}
