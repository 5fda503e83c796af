// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQQuantize
import NNQTestSupport
import Testing

@testable import NNQCertify

/// Bounds of whole models, attacked.
@Suite struct CertifyTests {
  private static func box(_ model: FloatModel) throws -> [ClosedRange<Float>] {
    try #require(model.statistics).quantiles.map { $0[0]...$0[$0.count - 1] }
  }

  /// Certifies a model as it is quantized, and tries rows.
  private func attack(
    _ float: FloatModel, _ settings: QuantizationSettings = QuantizationSettings(), rows: Int
  ) throws {
    let int8 = try Int8Model.quantizing(float, settings).model
    let certification = try Certification(int8, of: float, box: try Self.box(float))
    var attack = try Attack(certification, int8, of: float, seed: 1)
    attack.run(inputs: rows)
    #expect(attack.breach == nil)
    #expect(attack.inputs == rows)
    // A bound that nothing comes near would be no evidence that the attack looks at the right thing.
    #expect(attack.shares[0] > 0.5, "\(attack.shares)")
  }

  @Test("no row breaks a bound of a model of any task", arguments: sampleShapes)
  func tasks(kind: ModelTask.Kind, widths: [Int], activation: Activation) throws {
    let model = sampleFloatModel(
      kind, widths: widths, activation: activation, rows: 128, seed: 11)
    try attack(model, rows: 10_000)
    var narrow = QuantizationSettings()
    (narrow.inputWidth, narrow.activations, narrow.outputWidth) = (.eight, .eight, .eight)
    narrow.weights = .four
    narrow.equalization = .half
    try attack(model, narrow, rows: 5_000)
  }

  @Test(
    "no row breaks a bound of any operation and function",
    arguments: [
      Activation.identity, .relu, .tanh, .sigmoid, .leakyRelu(slope: 0.1), .relu6, .gelu, .geluTanh,
      .silu, .hardSwish,
    ])
  func operations(activation: Activation) throws {
    let model = sampleFloatModel(
      of: [.layerNorm, .add, .dense, .gate], activation: activation, seed: 12)
    try attack(model, rows: 2_500)
    let plain = sampleFloatModel(of: [.dense, .add, .gate], activation: activation, seed: 13)
    try attack(plain, rows: 2_500)
  }

  @Test("a box of one row is certified, and its bounds are near the errors there")
  func point() throws {
    let float = sampleFloatModel(.regression, widths: [4, 6, 2], rows: 64, seed: 14)
    let int8 = try Int8Model.quantizing(float, QuantizationSettings()).model
    let row = try #require(float.calibration).readings.prefix(4)
    let certification = try Certification(int8, of: float, box: row.map { $0...$0 })
    var attack = try Attack(certification, int8, of: float, seed: 1)
    attack.run(inputs: 10)
    #expect(attack.breach == nil)
    // Rounding to a code of each layer is all that is not known there.
    #expect(certification.certificate.layers[1].error < 0.1)
  }

  @Test("a larger box has no smaller bounds, and codes that hold those of the smaller one")
  func monotone() throws {
    let float = sampleFloatModel(.multiclass, widths: [6, 9, 4], rows: 128, seed: 15)
    let int8 = try Int8Model.quantizing(float, QuantizationSettings()).model
    let inner = try ReadingBox(int8, of: float, central: 0.5)
    let outer = try ReadingBox(int8, of: float)
    #expect(inner.sources.allSatisfy { $0 == .training })
    let small = try Certification(int8, of: float, box: inner.ranges).certificate
    let large = try Certification(int8, of: float, box: outer.ranges).certificate
    for (a, b) in zip(small.layers, large.layers) {
      #expect(a.error <= b.error && b.codes.contains(a.codes))
      #expect(a.accumulator == b.accumulator)
    }
    #expect(small.layers[1].error < large.layers[1].error)
  }

  @Test("a box in parts has tighter bounds, which no row breaks")
  func parts() throws {
    let float = sampleFloatModel(.regression, widths: [3, 8, 8, 1], rows: 128, seed: 20)
    let int8 = try Int8Model.quantizing(float, QuantizationSettings()).model
    let box = try Self.box(float)
    let bounds = try [1, 8, 64].map {
      try Certification(int8, of: float, box: box, parts: $0)
    }
    for (whole, cut) in zip(bounds, bounds.dropFirst()) {
      #expect(cut.certificate.outputs[0].error < whole.certificate.outputs[0].error)
      #expect(cut.certificate.fault(against: whole.certificate) != nil)
      #expect(whole.certificate.fault(against: cut.certificate) == nil)
    }
    var attack = try Attack(bounds[2], int8, of: float, seed: 1)
    attack.run(inputs: 10_000)
    #expect(attack.breach == nil)
    let point = try Certification(
      int8, of: float, box: box.map { $0.lowerBound...$0.lowerBound }, parts: 4)
    #expect(point.certificate.layers.count == 3)
  }

  @Test("what is not covered is refused by name")
  func refused() throws {
    let float = sampleFloatModel(.binary, widths: [5, 7, 1], rows: 64, seed: 16)
    let int8 = try Int8Model.quantizing(float, QuantizationSettings()).model
    let box = try Self.box(float)
    let other = sampleFloatModel(.binary, widths: [5, 7, 1], rows: 64, seed: 17)
    #expect(throws: CertificationError.notItsFloatModel) {
      try Certification(int8, of: other, box: box)
    }
    var pruning = QuantizationSettings()
    pruning.prunes = true
    let pruned = try Int8Model.quantizing(float, pruning).model
    #expect(throws: CertificationError.pruned) {
      try Certification(pruned, of: float, box: box)
    }
    var tempered = int8
    tempered.provenance["int8-fitted-temperature"] = "by 2 rows=3"
    #expect(throws: CertificationError.temperature) {
      try Certification(tempered, of: float, box: box)
    }
    var wide = float
    wide.layers[0].weights[0] = 3e38
    var claimed = int8
    claimed.provenance["float-sha256"] = try Model.float(wide).identity()
    #expect(throws: CertificationError.floatOverflow(layer: 0, output: 0)) {
      try Certification(claimed, of: wide, box: box)
    }
  }

  @Test("a claim that was made smaller is found, and one that was made weaker holds")
  func claims() throws {
    let float = sampleFloatModel(.regression, widths: [4, 6, 2], rows: 64, seed: 18)
    var int8 = try Int8Model.quantizing(float, QuantizationSettings()).model
    let proof = try Certification(int8, of: float, box: try Self.box(float)).certificate
    int8.certificate = proof
    #expect(int8.certificateFault == nil)
    let bytes = try Model.int8(int8).serialized()
    #expect(try Model(parsing: bytes) == .int8(int8))
    #expect(proof.fault(against: proof) == nil)

    var claim = proof
    claim.layers[1].error = proof.layers[1].error.nextDown
    #expect(
      claim.fault(against: proof)
        == .error(
          layer: 1, claimed: claim.layers[1].error, proved: proof.layers[1].error))
    claim.layers[1].error = 1e9
    #expect(claim.fault(against: proof) == nil)
    claim.outputs[1].error /= 2
    #expect(
      claim.fault(against: proof)
        == .outputError(
          output: 1, claimed: claim.outputs[1].error, proved: proof.outputs[1].error))

    let codes = proof.layers[0].codes
    int8.certificate?.layers[0].codes = codes.lowerBound...codes.upperBound - 1
    #expect(
      int8.certificateFault
        == .codes(
          layer: 0, claimed: codes.lowerBound...codes.upperBound - 1, proved: codes))
    int8.certificate = proof
    int8.certificate?.floatIdentity[0] ^= 1
    #expect(int8.certificateFault == .otherFloatModel)
  }

  @Test("wide layers are bounded by intervals alone")
  func wide() throws {
    let float = sampleFloatModel(.regression, widths: [40, 30, 2], rows: 64, seed: 19)
    let int8 = try Int8Model.quantizing(float, QuantizationSettings()).model
    let layer = JointLayer.coefficientLimit
    #expect(layer > 30 * 140)
    let certification = try Certification(int8, of: float, box: try Self.box(float))
    #expect(certification.affineLayers == 2)
    let alone = try Certification(
      int8, of: float, box: try Self.box(float), parts: 1, coefficients: 1000)
    #expect(alone.affineLayers == 0)
    for (a, b) in zip(certification.certificate.layers, alone.certificate.layers) {
      #expect(a.error <= b.error)
    }
  }
}
