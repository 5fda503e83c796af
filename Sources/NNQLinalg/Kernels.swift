// SPDX-License-Identifier: Apache-2.0
import CNNQLinalg

/// The loops of one type of number.
@unsafe package struct Kernels<R: BitwiseCopyable>: Sendable {
  package typealias In = UnsafePointer<R>
  package typealias Out = UnsafeMutablePointer<R>
  typealias Function = nnq_function

  let product: @Sendable (In?, Int, Int32, In?, Int, Int32, Out?, Int, Int, Int, Int, Int32) -> Void
  let addBias: @Sendable (In?, Out?, Int, Int) -> Void
  let activate: @Sendable (Function, R, In?, Out?, Int) -> Void
  let activateBack: @Sendable (Function, R, In?, Out?, Int) -> Void
  let gate: @Sendable (Function, R, In?, Out?, Int, Int) -> Void
  let gateBack: @Sendable (Function, R, In?, In?, Out?, Int, Int) -> Void
  let add: @Sendable (In?, In?, Out?, Int) -> Void
  let accumulate: @Sendable (In?, Out?, Int) -> Void
  let scale: @Sendable (R, Out?, Int) -> Void
  let dropout: @Sendable (UInt32, UInt32, R, UInt32, In?, Out?, Int) -> Void
  let sumColumns: @Sendable (In?, Int, Int, Int, Out?, Int32) -> Void
  let sumSquares: @Sendable (In?, Int) -> Double
  let sum: @Sendable (In?, Int) -> Double
  let layerNorm: @Sendable (In?, In?, In?, R, Out?, Out?, Out?, Int, Int) -> Void
  let layerNormBack: @Sendable (In?, In?, In?, In?, In?, Out?, Int, Int) -> Void
  let layerNormGradient: @Sendable (In?, In?, In?, In?, Out?, Out?, Int, Int, Int32) -> Void
  let columnMoments: @Sendable (In?, Out?, Out?, Int, Int) -> Void
  let batchNorm: @Sendable (In?, In?, In?, In?, In?, Out?, Int, Int) -> Void
  let batchNormGradient: @Sendable (In?, In?, In?, In?, Out?, Out?, Int, Int, Int32) -> Void
  let batchNormBack: @Sendable (In?, In?, In?, In?, In?, In?, In?, Out?, Int, Int) -> Void
  let squaredError: @Sendable (In?, In?, R, Out?, Int) -> Double
  let absoluteError: @Sendable (In?, In?, R, Out?, Int) -> Double
  let huber: @Sendable (In?, In?, R, R, Out?, Int) -> Double
  let logisticEntropy: @Sendable (In?, In?, In?, In?, R, R, Out?, Int, Int) -> Double
  let softmaxEntropy: @Sendable (In?, In?, In?, R, R, Out?, Int, Int) -> Double
  let likelihood: @Sendable (In?, In?, In?, R, R, Out?, Int, Int) -> Double
  let logSoftmax: @Sendable (In?, Out?, Int, Int) -> Void
  let logSoftmaxBack: @Sendable (In?, In?, Out?, Int, Int) -> Void
  let adamW: @Sendable (Out?, In?, Out?, Out?, R, R, R, R, R, R, Int) -> Void
  let gradientStep: @Sendable (Out?, In?, Out?, R, R, Int) -> Void
  let addScaled: @Sendable (In?, R, Out?, Int) -> Void
  let clamp: @Sendable (R, Out?, Int) -> Void
  let gather: @Sendable (UnsafePointer<Float>?, UnsafePointer<Int>?, Out?, Int, Int) -> Void
}
