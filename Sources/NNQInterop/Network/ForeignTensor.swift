// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// A constant of a foreign graph, in the shape and type that the file gives it.
struct ForeignTensor: Equatable {
  enum Elements: Equatable {
    case floats([Float])
    case doubles([Double])
    case integers([Int64])
    case texts([String])

    var count: Int {
      switch self {
      case .floats(let values): values.count
      case .doubles(let values): values.count
      case .integers(let values): values.count
      case .texts(let values): values.count
      }
    }
  }

  /// The integers of codes.
  enum CodeType: Equatable {
    case int8, uint8, int16, uint16

    /// What is added to a code to make it one of nnq: uint8 becomes int8 by a shift.
    var shift: Int64 {
      switch self {
      case .int8, .int16: 0
      case .uint8: -128
      case .uint16: -32_768
      }
    }

    var width: CodeWidth {
      switch self {
      case .int8, .uint8: .eight
      case .int16, .uint16: .sixteen
      }
    }
  }

  /// How integers stand for real values: `scale * (integer - zero point)`, one pair for all or one
  /// for each place along an axis.
  struct Quantization: Equatable {
    var scales: [Float]
    var zeroPoints: [Int64]
    var axis: Int
  }

  var shape: [Int]
  var elements: Elements
  /// What codes the integers are, where their type is one of codes.
  var codeType: CodeType?
  /// Where the integers stand for real values, which ``floats`` and ``numbers`` then give.
  var quantization: Quantization?

  /// - Throws: ``InteropError/wrongTensor(_:shape:)`` when the shape asks for another number of
  ///   elements.
  init(_ name: String, shape: [Int64], elements: Elements) throws(InteropError) {
    guard shape.count <= InteropLimit.dimensions else {
      throw .tooLarge("dimensions of \(name)", found: shape.count, limit: InteropLimit.dimensions)
    }
    var count = 1
    var sizes: [Int] = []
    for size in shape {
      guard size >= 0, size < 1 << 31 else {
        throw .wrongTensor(name, shape: shape.map { Int(clamping: $0) })
      }
      let (product, overflows) = count.multipliedReportingOverflow(by: Int(size))
      guard !overflows else { throw .wrongTensor(name, shape: shape.map { Int(clamping: $0) }) }
      count = product
      sizes.append(Int(size))
    }
    guard count == elements.count else { throw .wrongTensor(name, shape: sizes) }
    self.shape = sizes
    self.elements = elements
  }

  /// The elements in binary64, exactly; nil for texts.
  var numbers: [Double]? {
    switch elements {
    case .floats(let values): values.map { Double($0) }
    case .doubles(let values): values
    case .integers(let values): dequantized?.map { Double($0) } ?? values.map { Double($0) }
    case .texts: nil
    }
  }

  /// The elements in binary32, rounded to nearest; nil for texts.
  var floats: [Float]? {
    switch elements {
    case .floats(let values): values
    case .doubles(let values): values.map { Float($0) }
    case .integers(let values): dequantized ?? values.map { Float($0) }
    case .texts: nil
    }
  }

  /// What the integers stand for, in binary32; nil where they stand for themselves.
  private var dequantized: [Float]? {
    guard let quantization, let integers else { return nil }
    let size = shape.dropFirst(quantization.axis + 1).reduce(1, *)
    let places = quantization.scales.count
    return integers.enumerated().map { index, integer in
      let place = places == 1 ? 0 : index / size % places
      return Float(integer &- quantization.zeroPoints[place]) * quantization.scales[place]
    }
  }

  var integers: [Int64]? {
    if case .integers(let values) = elements { values } else { nil }
  }

  /// The elements as names of classes; nil for fractions.
  var names: [String]? {
    switch elements {
    case .texts(let values): values
    case .integers(let values): values.map { "\($0)" }
    case .floats, .doubles: nil
    }
  }

  /// The matrix with rows and columns exchanged; nil unless there are two dimensions, none of them 0.
  var transposed: ForeignTensor? {
    guard shape.count == 2, elements.count > 0 else { return nil }
    var turned = self
    turned.shape = [shape[1], shape[0]]
    if let axis = quantization?.axis { turned.quantization?.axis = 1 - axis }
    switch elements {
    case .floats(let values): turned.elements = .floats(turn(values))
    case .doubles(let values): turned.elements = .doubles(turn(values))
    case .integers(let values): turned.elements = .integers(turn(values))
    case .texts(let values): turned.elements = .texts(turn(values))
    }
    return turned
  }

  private func turn<Element>(_ values: [Element]) -> [Element] {
    let (rows, columns) = (shape[0], shape[1])
    var turned: [Element] = []
    turned.reserveCapacity(values.count)
    for column in 0..<columns {
      for row in 0..<rows { turned.append(values[row * columns + column]) }
    }
    return turned
  }
}
