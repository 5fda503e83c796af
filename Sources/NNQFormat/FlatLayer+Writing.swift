// SPDX-License-Identifier: Apache-2.0

extension FlatImage.Layer {
  /// Appends the 24 bytes that describe the layer ahead of its data.
  func writeRecord(to writer: inout ByteWriter, isArranged: Bool = false) {
    writer.integer(operation.kind.rawValue)
    writer.integer(dense?.weightWidth.rawValue ?? 0)
    writer.integer(outputWidth.rawValue)
    writer.integer(activation.rawValue)
    writer.integer(Table.code(table))
    writer.integer(UInt8(isArranged ? 1 : 0))
    writer.zeros(2)
    writer.integer(UInt16(inputs))
    writer.integer(UInt16(outputs))
    writer.integer(zeroPoint)
    writer.integer(lowest)
    writer.integer(highest)
    if case .add(let add) = operation {
      writer.integer(UInt16(truncatingIfNeeded: add.source))
    } else {
      writer.zeros(2)
    }
    writer.zeros(4)
  }

  /// Appends the numbers that the layer computes with.
  func writeData(to writer: inout ByteWriter) {
    switch operation {
    case .dense(let dense):
      writer.rows(bias: dense.bias, factors: dense.factors)
      for row in 0..<outputs {
        writer.append(
          dense.weightWidth.packed(dense.weights[row * inputs..<(row + 1) * inputs]))
      }
      writer.pad(to: 4)
    case .layerNorm(let norm):
      writer.rows(bias: norm.bias, factors: norm.factors)
      writer.append(norm.gain.map(UInt8.init(bitPattern:)))
      writer.pad(to: 4)
      writer.integer(norm.epsilon)
    case .add(let add):
      writer.integer(add.bias)
      writer.factor(add.factor)
      writer.integer(add.gain)
      writer.integer(add.sourceGain)
    case .gate(let gate):
      writer.factor(gate.factor)
      writer.integer(gate.firstZeroPoint)
      writer.integer(gate.secondZeroPoint)
    }
    switch table {
    case nil: break
    case .eight(let codes): writer.append(codes.map(UInt8.init(bitPattern:)))
    case .sixteen(let codes):
      for code in codes { writer.integer(code) }
      writer.pad(to: 4)
    }
  }
}

extension ByteWriter {
  /// The biases, multipliers and shifts of a layer's rows.
  fileprivate mutating func rows(bias: [Int32], factors: [FixedPointMultiplier]) {
    for value in bias { integer(value) }
    for factor in factors { integer(factor.multiplier) }
    append(factors.map { UInt8($0.shift) })
    pad(to: 4)
  }

  /// One multiplier and its shift, which fill 8 bytes.
  fileprivate mutating func factor(_ factor: FixedPointMultiplier) {
    integer(factor.multiplier)
    integer(UInt8(factor.shift))
    zeros(3)
  }
}
