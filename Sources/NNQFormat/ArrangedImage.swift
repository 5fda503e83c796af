// SPDX-License-Identifier: Apache-2.0
import NNQFiles

/// An image whose weights lie as one kind of CPU wants them. It computes the same codes as the flat
/// image that it was made of, which stays the model; nothing reads it back.
public struct ArrangedImage: Equatable, Sendable {
  public let layout: DeviceLayout
  /// What lies in flash.
  public let bytes: [UInt8]
  /// The layers that the layout's kernel computes; the others are as in the flat image.
  public let arranged: [Bool]
  /// What the arena needs beyond that of the flat image, in bytes.
  public let extraArenaBytes: Int

  /// Arranges the layers for which the layout's bounds are proven.
  ///
  /// The SHA-256 of the flat image is recorded in it.
  ///
  /// - Throws: ``ModelFormatError``.
  public init(_ image: FlatImage, for layout: DeviceLayout) throws(ModelFormatError) {
    let flat = try image.serialized()
    self.layout = layout
    arranged = image.layers.indices.map {
      layout.fits(image.layers[$0], image.inputWidth(ofLayer: $0))
    }
    guard layout != .portable else {
      bytes = flat
      extraArenaBytes = 0
      return
    }
    let widest =
      zip(image.layers, arranged).filter(\.1).map { layout.columns(inputs: $0.0.inputs) }.max() ?? 0
    extraArenaBytes = layout == .cortexM4 ? 2 * widest : 0

    var writer = ByteWriter()
    image.writeNetworkHead(to: &writer)
    for (layer, isArranged) in zip(image.layers, arranged) {
      layer.writeRecord(to: &writer, isArranged: isArranged)
    }
    for (layer, isArranged) in zip(image.layers, arranged) {
      if isArranged, let dense = layer.dense {
        dense.write(layer, layout, to: &writer)
      } else {
        layer.writeData(to: &writer)
      }
    }
    let sections = image.sections().map { section in
      section.known == .network ? Section(.network, writer.bytes) : section
    }
    var hash = SHA256()
    hash.update(flat)
    let canonical = Section(type: Section.canonicalDigest, payload: hash.digest())
    bytes = try Envelope.flat.serialized(
      writeSections((sections + [canonical]).sorted { $0.type < $1.type }), flags: layout.flags)
  }
}

extension Section {
  /// The type of the section with the SHA-256 of the flat image that an image was arranged from.
  static let canonicalDigest: UInt16 = 0x8002
}

extension DeviceLayout {
  /// The columns that a row of an arranged layer of so many inputs has weights for.
  package func columns(inputs: Int) -> Int {
    (inputs + blockColumns - 1) / blockColumns * blockColumns
  }

  /// Whether the layout's kernel computes a layer, exactly.
  fileprivate func fits(_ layer: FlatImage.Layer, _ inputWidth: CodeWidth) -> Bool {
    guard self != .portable, let dense = layer.dense else { return false }
    guard
      inputWidth == .eight, layer.outputWidth == .eight, dense.weightWidth == .eight,
      layer.table == nil, dense.factors.allSatisfy({ $0.shift >= Self.leastShift })
    else { return false }
    guard self == .cortexM4 else { return true }
    return stride(from: 1, to: layer.outputs, by: 2).allSatisfy { row in
      dense.weights[row * layer.inputs..<(row + 1) * layer.inputs]
        .reduce(0) { $0 + Int($1.magnitude) } <= Self.largestOddRow
    }
  }
}

extension FlatImage.Layer.Dense {
  /// Appends groups of four rows; rows and columns that only fill up are zeros.
  fileprivate func write(
    _ layer: FlatImage.Layer, _ layout: DeviceLayout, to writer: inout ByteWriter
  ) {
    let columns = layout.columns(inputs: layer.inputs)
    for first in stride(from: 0, to: layer.outputs, by: 4) {
      let rows = first..<first + 4
      let bias = rows.map { $0 < layer.outputs ? self.bias[$0] : 0 }
      func weight(_ row: Int, _ column: Int) -> Int8 {
        row < layer.outputs && column < layer.inputs ? weights[row * layer.inputs + column] : 0
      }
      func append(_ values: [Int32]) {
        for value in values { writer.integer(value) }
      }
      switch layout {
      case .portable: break
      case .cortexM4:
        append([bias[0], bias[2]])
        for column in stride(from: 0, to: columns, by: 4) {
          for row in [first, first + 2] {
            for place in [0, 2, 1, 3] {
              let odd = Int16(weight(row + 1, column + place))
              writer.integer(odd * 256 + Int16(weight(row, column + place)))
            }
          }
        }
        append([bias[1], bias[3]])
      case .cortexM55:
        append(bias)
        for column in stride(from: 0, to: columns, by: 16) {
          for row in rows {
            for place in 0..<16 { writer.integer(weight(row, column + place)) }
          }
        }
      }
      let factors = rows.map { $0 < layer.outputs ? self.factors[$0] : nil }
      append(factors.map { $0?.multiplier ?? FixedPointMultiplier.multipliers.lowerBound })
      for factor in factors {
        let shift = factor?.shift ?? DeviceLayout.leastShift
        writer.integer(Int8(layout == .cortexM4 ? shift - 33 : 32 - shift))
      }
    }
  }
}
