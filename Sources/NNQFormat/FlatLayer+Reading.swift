// SPDX-License-Identifier: Apache-2.0

/// The 24 bytes that describe a layer ahead of its data.
struct LayerRecord {
  private let operation: OperationKind
  private let weightBits: UInt8
  private let outputWidth: CodeWidth
  private let activation: Activation.Kind
  private let tableWidth: CodeWidth?
  private let inputs: Int
  private let outputs: Int
  private let zeroPoint: Int16
  private let lowest: Int16
  private let highest: Int16
  private let source: Int

  init(_ reader: inout ByteReader, _ index: Int) throws(ModelFormatError) {
    operation = try reader.operation(index)
    weightBits = try reader.integer()
    guard operation == .dense ? WeightWidth(rawValue: weightBits) != nil : weightBits == 0 else {
      throw reader.invalid("weight bits", index, found: weightBits)
    }
    outputWidth = try reader.codeWidth("output bits", index)
    activation = try reader.activation(index)
    let table = try reader.integer(UInt8.self)
    switch table {
    case 0: tableWidth = nil
    case 1: tableWidth = .eight
    case 2: tableWidth = .sixteen
    default: throw reader.invalid("table", index, found: table)
    }
    try reader.zeros(3, index)
    inputs = Int(try reader.integer(UInt16.self))
    outputs = Int(try reader.integer(UInt16.self))
    zeroPoint = try reader.integer()
    lowest = try reader.integer()
    highest = try reader.integer()
    source = Int(try reader.integer(UInt16.self))
    guard operation == .add || source == 0 else {
      throw reader.invalid("source", index, found: source)
    }
    try reader.zeros(4, index)
  }

  /// The layer with the data that follows all records.
  func layer(_ reader: inout ByteReader, _ index: Int) throws(ModelFormatError) -> FlatImage.Layer {
    let read = try readOperation(&reader, index)
    return FlatImage.Layer(
      inputs: inputs, outputs: outputs, activation: activation, outputWidth: outputWidth,
      zeroPoint: zeroPoint, lowest: lowest, highest: highest, operation: read,
      table: try readTable(&reader, index))
  }

  private func readOperation(
    _ reader: inout ByteReader, _ index: Int
  ) throws(ModelFormatError) -> FlatImage.Layer.Operation {
    switch operation {
    case .dense:
      let (bias, factors) = try reader.rows(outputs, index)
      // The record was refused before where this is no width.
      let width = WeightWidth(rawValue: weightBits) ?? .eight
      return .dense(
        FlatImage.Layer.Dense(
          bias: bias, factors: factors, weights: try readWeights(width, &reader, index),
          weightWidth: width))
    case .layerNorm:
      let (bias, factors) = try reader.rows(outputs, index)
      let gain: [Int8] = try reader.integers(outputs)
      try reader.padding(to: 4, index)
      return .layerNorm(
        FlatImage.Layer.LayerNorm(
          bias: bias, factors: factors, gain: gain, epsilon: try reader.integer()))
    case .add:
      let bias: Int32 = try reader.integer()
      let factor = try reader.factor(index)
      try reader.zeros(3, index)
      let gain: Int16 = try reader.integer()
      return .add(
        FlatImage.Layer.Add(
          source: source, bias: bias, factor: factor, gain: gain,
          sourceGain: try reader.integer()))
    case .gate:
      let factor = try reader.factor(index)
      try reader.zeros(3, index)
      let first: Int16 = try reader.integer()
      return .gate(
        FlatImage.Layer.Gate(
          factor: factor, firstZeroPoint: first, secondZeroPoint: try reader.integer()))
    }
  }

  private func readWeights(
    _ width: WeightWidth, _ reader: inout ByteReader, _ index: Int
  ) throws(ModelFormatError) -> [Int8] {
    let rowBytes = width.rowBytes(inputs)
    try reader.require(outputs, of: rowBytes)
    var weights: [Int8] = []
    weights.reserveCapacity(inputs * outputs)
    for row in 0..<outputs {
      let bytes = try reader.take(rowBytes)
      guard let unpacked = width.unpacked(bytes, inputs: inputs) else {
        throw reader.invalid("padding of row \(row)", index, found: bytes.last ?? 0)
      }
      weights += unpacked
    }
    try reader.padding(to: 4, index)
    return weights
  }

  private func readTable(
    _ reader: inout ByteReader, _ index: Int
  ) throws(ModelFormatError) -> FlatImage.Layer.Table? {
    switch tableWidth {
    case nil: return nil
    case .eight: return .eight(try reader.integers(FlatImage.Layer.Table.eightCount))
    case .sixteen:
      let codes: [Int16] = try reader.integers(FlatImage.Layer.Table.sixteenCount)
      try reader.padding(to: 4, index)
      return .sixteen(codes)
    }
  }
}

extension ByteReader {
  /// The biases, multipliers and shifts of a layer's rows.
  fileprivate mutating func rows(
    _ count: Int, _ index: Int
  ) throws(ModelFormatError) -> (bias: [Int32], factors: [FixedPointMultiplier]) {
    let bias: [Int32] = try integers(count)
    let multipliers: [Int32] = try integers(count)
    let shifts: [UInt8] = try integers(count)
    try padding(to: 4, index)
    var factors: [FixedPointMultiplier] = []
    factors.reserveCapacity(count)
    for row in 0..<count {
      guard
        let factor = FixedPointMultiplier(multiplier: multipliers[row], shift: Int(shifts[row]))
      else {
        throw invalid(
          "factor of row \(row)", index, found: "\(multipliers[row]) >> \(shifts[row])")
      }
      factors.append(factor)
    }
    return (bias, factors)
  }
}
