// SPDX-License-Identifier: Apache-2.0
import NNQFormat

extension FloatModel.Layer {
  /// Throws where the layer is not one that the foreign formats are written with.
  func requireExportable(_ index: Int) throws(InteropError) {
    guard operation.kind == .dense else {
      throw .cannotWriteOperation(layer: index, name: operation.kind.name)
    }
    switch activation {
    case .identity, .relu, .tanh, .sigmoid: break
    case .leakyRelu, .relu6, .gelu, .geluTanh, .silu, .hardSwish:
      throw .cannotWriteOperation(layer: index, name: activation.name)
    }
  }
}
