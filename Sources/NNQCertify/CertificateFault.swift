// SPDX-License-Identifier: Apache-2.0
public import NNQFormat

/// A claim of a certificate that does not follow.
public enum CertificateFault: Equatable, Sendable {
  /// The certificate is about another float model than the one that the int8 model was made of.
  case otherFloatModel
  case otherImage
  /// The layer hands on codes outside the range that is claimed.
  case codes(layer: Int, claimed: ClosedRange<Int16>, proved: ClosedRange<Int16>)
  case outputCodes(output: Int, claimed: ClosedRange<Int16>, proved: ClosedRange<Int16>)
  /// The claimed bound is smaller than the one that can be proved.
  case error(layer: Int, claimed: Double, proved: Double)
  case outputError(output: Int, claimed: Double, proved: Double)
  /// The bound is the one that can be proved, of another of the layer's outputs.
  case loosest(layer: Int, claimed: Int, proved: Int)
}

extension Certificate {
  /// The first claim that another certificate of the same models and box, which was proved, does not
  /// bear out; nil when there is none. A claim may be weaker than what was proved.
  public func fault(against proof: Certificate) -> CertificateFault? {
    guard floatIdentity == proof.floatIdentity else { return .otherFloatModel }
    guard imageIdentity == proof.imageIdentity else { return .otherImage }
    for (index, pair) in zip(layers, proof.layers).enumerated() {
      if !pair.0.codes.contains(pair.1.codes) {
        return .codes(layer: index, claimed: pair.0.codes, proved: pair.1.codes)
      }
      if pair.0.error < pair.1.error {
        return .error(layer: index, claimed: pair.0.error, proved: pair.1.error)
      }
      // A weaker bound may be that of another output.
      if pair.0.error == pair.1.error, pair.0.loosest != pair.1.loosest {
        return .loosest(layer: index, claimed: pair.0.loosest, proved: pair.1.loosest)
      }
    }
    for (index, pair) in zip(outputs, proof.outputs).enumerated() {
      if !pair.0.codes.contains(pair.1.codes) {
        return .outputCodes(output: index, claimed: pair.0.codes, proved: pair.1.codes)
      }
      if pair.0.error < pair.1.error {
        return .outputError(output: index, claimed: pair.0.error, proved: pair.1.error)
      }
    }
    return nil
  }
}

extension Int8Model {
  /// The first claim about codes that integer arithmetic over the box does not prove; nil when there is
  /// none, and without a certificate. It takes no float model.
  public var certificateFault: CertificateFault? {
    guard let certificate else { return nil }
    let ranges = CodeRanges(image, input: codes(certificate.box))
    var proof = certificate
    for index in image.layers.indices {
      proof.layers[index].codes = ranges.handedOn(byLayer: index)
    }
    for (index, codes) in ranges.outputs.enumerated() { proof.outputs[index].codes = codes }
    if let named = provenance["float-sha256"], named != certificate.floatIdentity.hexadecimal {
      return .otherFloatModel
    }
    return certificate.fault(against: proof)
  }
}

extension [UInt8] {
  /// Two lower-case digits for each byte.
  var hexadecimal: String {
    map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
