// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQQuantize
import NNQTestSupport

/// A flat image to sign.
enum Signed {
  static let inputs = sampleShapes[1].1[0]

  /// With input codes of 8 bits, which is what the example daemons take.
  static func image() throws -> [UInt8] {
    var settings = QuantizationSettings()
    settings.inputWidth = .eight
    let shape = sampleShapes[1]
    let model = sampleFloatModel(shape.0, widths: shape.1, activation: shape.2, seed: 8)
    let (int8, _) = try Int8Model.quantizing(model, settings, calibration: nil)
    return try int8.image.serialized()
  }
}
