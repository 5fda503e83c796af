// SPDX-License-Identifier: Apache-2.0
import NNQFormat

extension GoldenFault {
  /// Faults of layer norms, adds, gates and 4-bit weights.
  static func operationFaults() throws -> [GoldenFault] {
    try denseFaults() + layerNormFaults() + addFaults() + gateFaults()
  }

  /// A fault that the values of a golden image can hold.
  private static func fault(
    _ name: String, in golden: String, _ field: String, _ found: String, _ status: String,
    layer: Int = 0, _ change: (inout FlatImage) -> Void
  ) throws -> GoldenFault {
    guard
      case .image(var image)? = GoldenModels.operations().first(where: { $0.name == golden })?.model
    else { preconditionFailure("no golden image is called \(golden)") }
    image.selfTests = []
    change(&image)
    return GoldenFault(
      name: name, error: .invalidField(.network, field: field, index: layer, found: found),
      status: status, bytes: try FaultySections(image).file())
  }

  private static func denseFaults() throws -> [GoldenFault] {
    let odd = try fault(
      "nibble-left-over", in: "image-dense-4-bit", "padding of row 0", "23", "reserved"
    ) {
      $0.inputs = 3
      $0.layers[0].inputs = 3
      $0.layers[0].dense?.weights = [1, 2, 7] + [Int8](repeating: 0, count: 15)
    }
    // The writer has no such nibble: it is put in behind it, over the second byte of the weights.
    let weights = 8 + 16 + 8 + 24 + 4 * 6 + 4 * 6 + 8
    return [
      try fault(
        "weight-minus-8", in: "image-dense-4-bit", "weight of row 0", "-8", "weight"
      ) { $0.layers[0].dense?.weights[0] = -8 },
      GoldenFault(
        name: odd.name, error: odd.error, status: odd.status,
        bytes: odd.bytes.replacing(weights + 1, with: UInt8(0x17)).withChecksum()),
      try fault(
        "source-of-dense", in: "image-dense-4-bit", "source", "1", "reserved"
      ) { _ in }.replacing(byte: 18, with: UInt16(1)),
      try fault(
        "weight-bits-of-layer-norm", in: "image-layer-norm", "weight bits", "8", "bits"
      ) { _ in }.replacing(byte: 1, with: UInt8(8)),
    ]
  }

  private static func layerNormFaults() throws -> [GoldenFault] {
    func fault(
      _ name: String, _ field: String, _ found: String, _ status: String,
      _ change: (inout FlatImage.Layer.LayerNorm) -> Void
    ) throws -> GoldenFault {
      try Self.fault(name, in: "image-layer-norm", field, found, status) { image in
        guard case .layerNorm(var norm) = image.layers[0].operation else { return }
        change(&norm)
        image.layers[0].operation = .layerNorm(norm)
      }
    }
    return [
      try fault("gain-minus-128", "gain of row 2", "-128", "gain") { $0.gain[2] = -128 },
      try fault("norm-bias-too-large", "bias of row 1", "-1073741825", "bias") {
        $0.bias[1] = -(1 << 30) - 1
      },
      try fault("epsilon-zero", "epsilon", "0", "epsilon") { $0.epsilon = 0 },
      try fault("epsilon-too-large", "epsilon", "\(1 << 62)", "epsilon") { $0.epsilon = 1 << 62 },
      try Self.fault(
        "norm-other-outputs", in: "image-layer-norm", "layer outputs", "5", "dimension"
      ) { image in
        guard case .layerNorm(var norm) = image.layers[0].operation else { return }
        norm.bias.removeLast()
        norm.factors.removeLast()
        norm.gain.removeLast()
        image.layers[0].operation = .layerNorm(norm)
        image.layers[0].outputs = 5
      },
    ]
  }

  private static func addFaults() throws -> [GoldenFault] {
    func fault(
      _ name: String, _ field: String, _ found: String, _ status: String, layer: Int = 1,
      _ change: (inout FlatImage.Layer.Add) -> Void
    ) throws -> GoldenFault {
      try Self.fault(name, in: "image-add", field, found, status, layer: layer) { image in
        guard case .add(var add) = image.layers[layer].operation else { return }
        change(&add)
        image.layers[layer].operation = .add(add)
      }
    }
    return [
      try fault("source-before-layer", "source", "1", "source") { $0.source = 1 },
      try fault("source-past-end", "source", "65535", "source") { $0.source = 65_535 },
      try fault("adds-that-overlap", "source", "1", "source", layer: 3) { $0.source = 1 },
      try Self.fault(
        "source-of-other-size", in: "image-add", "source", "0", "source", layer: 1
      ) { image in
        image.inputs = 5
        image.layers[0].inputs = 5
        image.layers[0].dense?.weights.removeLast(6)
      },
      try fault("add-bias-too-large", "bias", "1073741824", "bias") { $0.bias = 1 << 30 },
      try fault("gain-too-large", "gain", "16385", "gain") { $0.gain = 16_385 },
      try fault("source-gain-too-large", "gain of the source", "-16385", "gain") {
        $0.sourceGain = -16_385
      },
    ]
  }

  private static func gateFaults() throws -> [GoldenFault] {
    try [
      fault("gate-of-odd-inputs", in: "image-gate", "layer inputs", "5", "dimension") {
        $0.inputs = 5
        $0.layers[0].inputs = 5
      },
      fault("gate-other-outputs", in: "image-gate", "layer outputs", "4", "dimension") {
        $0.layers[0].outputs = 4
      },
      fault("gate-table-of-other-bits", in: "image-gate", "table", "8", "table") {
        $0.layers[0].table = .sixteen([Int16](repeating: 0, count: 513))
      },
      fault(
        "gate-zero-point-outside", in: "image-gate", "zero point of the first half", "128",
        "zero-point"
      ) { image in
        guard case .gate(var gate) = image.layers[0].operation else { return }
        gate.firstZeroPoint = 128
        image.layers[0].operation = .gate(gate)
      },
      fault(
        "gate-zero-point-of-16-bit", in: "image-gate-of-16-bit", "zero point of the second half",
        "1", "zero-point"
      ) { image in
        guard case .gate(var gate) = image.layers[0].operation else { return }
        gate.secondZeroPoint = 1
        image.layers[0].operation = .gate(gate)
      },
    ]
  }

  /// The same file with a field of the first layer's record put over, and the right checksum.
  private func replacing<T: FixedWidthInteger>(byte: Int, with value: T) -> GoldenFault {
    // The header, the section's head and the fields of the network stand before the record.
    GoldenFault(
      name: name, error: error, status: status,
      bytes: bytes.replacing(16 + 8 + 8 + byte, with: value).withChecksum())
  }
}
