// SPDX-License-Identifier: Apache-2.0
import NNQFormat

extension GoldenFault {
  /// Where the fields of the base image's network lie in its payload.
  private enum At {
    static let inputs = 0
    static let inputBits = 4
    static let reserved = 5
    static let record = 8
    /// Bias, multipliers, shifts and weights of layer 0, which has 3 rows of 3.
    static let bias = record + 2 * 24
    static let multipliers = bias + 12
    static let shifts = multipliers + 12
    static let weights = shifts + 4
  }

  static func networkFaults() throws -> [GoldenFault] {
    try networkFieldFaults() + networkValueFaults()
  }

  /// Faults that are bytes put over a field of the network section.
  private static func networkFieldFaults() throws -> [GoldenFault] {
    let base = FaultySections(faultBase())
    func fault<T: FixedWidthInteger>(
      _ name: String, _ field: String, _ found: String, _ status: String, at byte: Int, _ value: T,
      alone: Bool = false
    ) throws -> GoldenFault {
      var sections = base
      if alone {
        // Their lengths follow from the inputs too.
        sections.remove(.counts)
        sections.remove(.selfTest)
      }
      sections.put(value, in: .network, at: byte)
      return GoldenFault(
        name: name,
        error: .invalidField(.network, field: field, index: 0, found: found),
        status: status, bytes: try sections.file())
    }
    let shift = base[.network][At.shifts]
    var overflow = base
    overflow.put(UInt16.max, in: .network, at: At.inputs)
    overflow.put(UInt16.max, in: .network, at: At.record + 8)
    overflow.put(UInt16.max, in: .network, at: At.record + 10)
    var longer = base
    longer[.network] += [0, 0, 0, 0]
    let network = base[.network].count
    return [
      try fault(
        "zero-inputs", "inputs", "0", "dimension", at: At.inputs, UInt16(0), alone: true),
      try fault("input-bits-7", "input bits", "7", "bits", at: At.inputBits, UInt8(7)),
      try fault("reserved-byte", "reserved byte", "1", "reserved", at: At.reserved, UInt8(1)),
      try fault("unknown-operation", "operation", "5", "operation", at: At.record, UInt8(5)),
      try fault("weight-bits-2", "weight bits", "2", "bits", at: At.record + 1, UInt8(2)),
      try fault("output-bits-12", "output bits", "12", "bits", at: At.record + 2, UInt8(12)),
      try fault(
        "unknown-activation", "activation", "10", "activation", at: At.record + 3, UInt8(10)),
      try fault("unknown-table", "table", "3", "table", at: At.record + 4, UInt8(3)),
      try fault(
        "reserved-byte-in-layer", "reserved byte", "128", "reserved", at: At.record + 23,
        UInt8(128)),
      try fault(
        "multiplier-too-small", "factor of row 0", "1073741823 >> \(shift)", "multiplier",
        at: At.multipliers, Int32(1 << 30 - 1)),
      try fault(
        "multiplier-negative", "factor of row 0", "-1073741824 >> \(shift)", "multiplier",
        at: At.multipliers, Int32(-1 << 30)),
      try fault(
        "shift-zero", "factor of row 0",
        "\(Envelope.word(base[.network], at: At.multipliers)) >> 0", "shift", at: At.shifts,
        UInt8(0)),
      try fault(
        "shift-63", "factor of row 0",
        "\(Envelope.word(base[.network], at: At.multipliers)) >> 63", "shift", at: At.shifts,
        UInt8(63)),
      try fault(
        "padding-byte", "reserved byte", "1", "reserved", at: At.shifts + 3, UInt8(1)),
      try fault(
        "padding-byte-of-weights", "reserved byte", "255", "reserved", at: At.weights + 9,
        UInt8(255)),
      try fault(
        "weight-minus-128", "weight of row 0", "-128", "weight", at: At.weights + 1, Int8(-128)),
      GoldenFault(
        name: "size-overflow",
        error: .wrongSectionLength(.network, stated: network, expected: At.bias + 65_535 * 4),
        status: "length", bytes: try overflow.file()),
      GoldenFault(
        name: "network-too-long",
        error: .wrongSectionLength(.network, stated: network + 4, expected: network),
        status: "length", bytes: try longer.file()),
    ]
  }

  /// Faults that the values of an image can hold.
  private static func networkValueFaults() throws -> [GoldenFault] {
    func fault(
      _ name: String, _ field: String, _ index: Int, _ found: String, _ status: String,
      _ image: FlatImage = faultBase(), _ change: (inout FlatImage) -> Void
    ) throws -> GoldenFault {
      var image = image
      change(&image)
      return GoldenFault(
        name: name,
        error: .invalidField(.network, field: field, index: index, found: found),
        status: status, bytes: try FaultySections(image).file())
    }
    let wide = faultBase(widths: [259, 1], input: .sixteen, task: .binary)
    let bound = 1 << 30 + 259 * 127 * 32_768
    return [
      try fault("zero-layers", "layers", 0, "0", "dimension") {
        $0.layers = []
        $0.selfTests = []
      },
      try fault("256-layers", "layers", 0, "256", "dimension") { image in
        image.inputs = 1
        image.counts = nil
        image.selfTests = []
        image.layers = [FlatImage.Layer](repeating: narrow, count: 256)
      },
      try fault("zero-outputs", "layer outputs", 0, "0", "dimension") {
        $0.layers[0].outputs = 0
        $0.layers[0].dense?.weights = []
        $0.layers[0].dense?.bias = []
        $0.layers[0].dense?.factors = []
        $0.layers[1].inputs = 0
        $0.layers[1].dense?.weights = []
      },
      try fault("layer-dimension-mismatch", "layer inputs", 1, "2", "dimension") {
        $0.layers[1].inputs = 2
        $0.layers[1].dense?.weights = [1, 2, 3, 4]
      },
      try fault("table-on-16-bit", "table", 1, "16", "table") {
        $0.layers[1].table = $0.layers[0].table
      },
      try fault("zero-point-outside", "zero point", 0, "128", "zero-point") {
        $0.layers[0].zeroPoint = 128
      },
      try fault("zero-point-of-16-bit", "zero point", 1, "1", "zero-point") {
        $0.layers[1].zeroPoint = 1
      },
      try fault("clamp-reversed", "clamp", 1, "5 to 4", "clamp") {
        ($0.layers[1].lowest, $0.layers[1].highest) = (5, 4)
      },
      try fault("clamp-outside", "clamp", 0, "-129 to 127", "clamp") {
        ($0.layers[0].lowest, $0.layers[0].highest) = (-129, 127)
      },
      try fault("bias-too-large", "bias of row 1", 0, "1073741825", "bias") {
        $0.layers[0].dense?.bias[1] = 1 << 30 + 1
      },
      try fault("bias-lowest", "bias of row 1", 0, "-2147483648", "bias") {
        $0.layers[0].dense?.bias[1] = .min
      },
      try fault(
        "accumulator-overflow", "accumulator bound of row 0", 0, "\(bound)", "accumulator", wide
      ) {
        $0.layers[0].dense?.bias = [1 << 30]
        $0.layers[0].dense?.weights = [Int8](repeating: 127, count: 259)
      },
    ]
  }

  /// A layer of one input and one output.
  private static var narrow: FlatImage.Layer {
    FlatImage.Layer(
      inputs: 1, outputs: 1, activation: .identity, outputWidth: .eight, zeroPoint: 0,
      lowest: -128, highest: 127, bias: [0], factors: [GoldenModels.factor(0.5)], weights: [1])
  }
}
