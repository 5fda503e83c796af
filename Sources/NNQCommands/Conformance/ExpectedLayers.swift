// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQReference

/// What each layer of an image hands on for each of its vectors, by the reference.
struct ExpectedLayers {
  let image: FlatImage
  /// `[vectors][layers][outputs of the layer]`
  let codes: [[[Int16]]]

  init(_ image: FlatImage) {
    self.image = image
    let inference = Int8Inference(image)
    codes = image.selfTests.map { inference.layerOutputs($0.input) }
  }

  func digest(vector: Int, layer: Int) -> UInt32 {
    crc32c(image.layers[layer].outputWidth.bytes(of: codes[vector][layer]))
  }

  /// For people: `add3`.
  func name(ofLayer index: Int) -> String {
    "\(image.layers[index].operation.kind.name)\(index)"
  }

  /// A line for each layer of each vector.
  var table: String {
    var lines = ["vector\tlayer\toperation\tbits\tdigest\tcodes"]
    for vector in codes.indices {
      for (index, layer) in image.layers.enumerated() {
        let digest = hexadecimal(digest(vector: vector, layer: index))
        let numbers = codes[vector][index].map(String.init).joined(separator: " ")
        lines.append(
          "\(vector)\t\(index)\t\(layer.operation.kind.name)\t\(layer.outputWidth.rawValue)\t"
            + "\(digest)\t\(numbers)")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

/// Eight digits.
func hexadecimal(_ number: UInt32) -> String {
  let digits = String(number, radix: 16)
  return String(repeating: "0", count: 8 - digits.count) + digits
}
