// SPDX-License-Identifier: Apache-2.0
import NNQFormat

extension GoldenFault {
  /// Faults in a certificate: wrong claims that a reader sees at once, and bytes that are none.
  static func certificateFaults() throws -> [GoldenFault] {
    guard case .int8(let model)? = try GoldenModels.certified().first?.model,
      let certificate = model.certificate
    else { return [] }
    let base = try FaultySections(model)
    let payload = base[.certificate]
    let box = 8 + 32 + 32
    let layers = box + 8 * model.image.inputs
    let outputs = layers + 20 * certificate.layers.count
    func fault(
      _ name: String, _ error: ModelFormatError, _ change: (inout FaultySections) -> Void
    ) throws -> GoldenFault {
      var sections = base
      change(&sections)
      return GoldenFault(
        name: "certificate-\(name)", error: error, status: "form", bytes: try sections.file())
    }
    func field(
      _ name: String, _ field: String, _ found: String, item: Int = 0,
      _ change: (inout FaultySections) -> Void
    ) throws -> GoldenFault {
      try fault(
        name, .invalidField(.certificate, field: field, index: item, found: found), change)
    }
    var other = certificate.imageIdentity
    other[31] ^= 1
    var onFloat = try FaultySections(
      sampleFloatModel(.binary, widths: [2, 2, 1], rows: 2, seed: 7_602))
    onFloat[.certificate] = payload
    let accumulator = certificate.layers[1].accumulator
    return [
      try field("features", "features", "6") { $0.put(UInt16(6), in: .certificate, at: 0) },
      try field("layers", "layers", "2") { $0.put(UInt16(2), in: .certificate, at: 2) },
      try field("outputs", "outputs", "0") { $0.put(UInt16(0), in: .certificate, at: 4) },
      try field("of-another-image", "image sha256", other.digits) {
        $0.put(other[31], in: .certificate, at: box - 1)
      },
      try field("box-reversed", "box", "-1.5 to -2.0", item: 1) {
        $0.put(Float(-2).bitPattern, in: .certificate, at: box + 12)
      },
      try field("box-nan", "highest reading", "nan", item: 1) {
        $0.put(Float.nan.bitPattern, in: .certificate, at: box + 12)
      },
      try field("accumulator-too-low", "accumulator bound", "\(accumulator - 1)", item: 1) {
        $0.put(UInt32(accumulator - 1), in: .certificate, at: layers + 20)
      },
      try field("codes-reversed", "codes", "100 to -100") {
        $0.put(Int16(100), in: .certificate, at: layers + 4)
        $0.put(Int16(-100), in: .certificate, at: layers + 6)
      },
      try field("codes-outside", "codes", "-100 to 128") {
        $0.put(Int16(128), in: .certificate, at: layers + 6)
      },
      try field("loosest-outside", "loosest", "6") {
        $0.put(UInt16(6), in: .certificate, at: layers + 8)
      },
      try field("error-negative", "error bound", "-0.25") {
        $0.put((-0.25).bitPattern, in: .certificate, at: layers + 12)
      },
      try field("error-infinite", "error bound", "inf", item: 2) {
        $0.put(Double.infinity.bitPattern, in: .certificate, at: layers + 40 + 12)
      },
      try field("error-minus-zero", "error bound", "-0.0") {
        $0.put((-0.0).bitPattern, in: .certificate, at: outputs + 4)
      },
      try field("outputs-other-than-layer", "codes of the last layer", "others", item: 2) {
        $0.put(Int16(-32_767), in: .certificate, at: outputs)
      },
      try fault(
        "cut",
        .wrongSectionLength(.certificate, stated: payload.count - 1, expected: payload.count)
      ) { $0[.certificate] = Array(payload.dropLast()) },
      try fault(
        "too-long",
        .wrongSectionLength(.certificate, stated: payload.count + 1, expected: payload.count)
      ) { $0[.certificate] = payload + [0] },
      GoldenFault(
        name: "certificate-on-float", error: .unexpectedSection(.certificate), status: "form",
        bytes: try onFloat.file()),
    ]
  }
}

extension [UInt8] {
  /// Two lower-case hexadecimal digits for each byte.
  fileprivate var digits: String {
    map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
