// SPDX-License-Identifier: Apache-2.0

/// What a layer computes, as both forms of a model name it.
public enum OperationKind: UInt8, CaseIterable, Sendable {
  /// A matrix times the input, and a bias.
  case dense = 1
  /// The input with its own mean and variance taken out, then a gain and a bias.
  case layerNorm = 2
  /// The sum of the input and a tensor that an earlier layer handed on.
  case add = 3
  /// The first half of the input through the activation, times the second half.
  case gate = 4

  /// The name that the command line uses.
  public var name: String {
    switch self {
    case .dense: "dense"
    case .layerNorm: "layer-norm"
    case .add: "add"
    case .gate: "gate"
    }
  }

  /// The outputs that follow from the inputs alone; nil for dense.
  ///
  /// - Range: for gate the inputs are even.
  package func outputs(ofInputs inputs: Int) -> Int? {
    switch self {
    case .dense: nil
    case .layerNorm, .add: inputs
    case .gate: inputs / 2
    }
  }

  /// Whether a layer of this kind can take so many inputs.
  package func takes(inputs: Int) -> Bool {
    switch self {
    case .dense, .add: inputs >= 1
    case .layerNorm: inputs >= 2
    case .gate: inputs >= 2 && inputs.isMultiple(of: 2)
    }
  }
}

/// Whether an add at layer `index` may take the tensor `source`: 0 is the network's input, k what
/// layer k - 1 hands on.
///
/// It lies before the tensor that the layer takes anyway, and after the last add, so that one kept
/// tensor at a time is enough.
///
/// - Parameter lastAdd: the index of the nearest add before, or nil.
package func isSource(_ source: Int, ofAdd index: Int, after lastAdd: Int?) -> Bool {
  source >= (lastAdd.map { $0 + 1 } ?? 0) && source < index
}
