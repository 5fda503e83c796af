// SPDX-License-Identifier: Apache-2.0

/// Why a model cannot be certified.
public enum CertificationError: Error, Equatable, Sendable {
  /// The int8 model was made of another float model, or of none that it names.
  case notItsFloatModel
  /// The two networks have other layers.
  case otherShape(layer: Int)
  /// The int8 network lacks features or units that the float network has.
  case pruned
  /// The int8 model's outputs were divided by a temperature, which its float model knows nothing of.
  case temperature
  case notCovered(layer: Int, CertificationGap)
  /// A sum of the float layer can leave binary32 within the box.
  case floatOverflow(layer: Int, output: Int)
  /// No finite bound follows for a layer.
  case unbounded(layer: Int, output: Int)
  /// A feature has no readings to take a box from, or they are no finite numbers.
  case noBox(feature: String)
}

/// What of an integer layer no bound is known for.
public enum CertificationGap: Equatable, Sendable {
  /// A function that only a table could stand for, and there is none.
  case functionWithoutTable
  /// A gate or a layer norm whose codes have other zero points or scales than those that it is handed.
  case otherCodes
}
