// SPDX-License-Identifier: Apache-2.0
import NNQFormat

extension FloatModel.Layer {
  /// That the other format has no such layer.
  func cannotBeWritten(_ index: Int) -> InteropError {
    let isOperation = operation.kind != .dense
    return .cannotWriteOperation(
      layer: index, name: isOperation ? operation.kind.name : activation.name)
  }
}
