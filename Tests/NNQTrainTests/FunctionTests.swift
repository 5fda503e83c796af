// SPDX-License-Identifier: Apache-2.0
import CNNQLinalg
import Glibc
import NNQFormat
import NNQLinalg
import Testing

@testable import NNQTrain

@Suite("Functions of the trainer")
struct FunctionTests {
  /// The largest error of a function in units in the last place of the C library's result.
  private func error(
    _ own: (Double) -> Double, _ library: (Double) -> Double, unit: Double,
    over range: ClosedRange<Double>
  ) -> Double {
    var largest = 0.0
    let steps = 40_000
    for step in 0...steps {
      let x =
        range.lowerBound + (range.upperBound - range.lowerBound) * Double(step) / Double(steps)
      let right = library(Double(Float(x)))
      guard right != 0 else { continue }
      largest = max(largest, abs(own(Double(Float(x))) - right) / (abs(right) * unit))
    }
    return largest
  }

  @Test("exp, tanh, sigmoid and erf in binary32 are within 2 units in the last place")
  func single() {
    let unit = 0x1p-23
    #expect(
      error({ Double(nnq_exp_nonpositive_f32(Float($0))) }, exp, unit: unit, over: -86...0) < 2)
    #expect(error({ Double(nnq_tanh_f32(Float($0))) }, tanh, unit: unit, over: -12...12) < 2)
    #expect(error({ Double(nnq_erf_f32(Float($0))) }, erf, unit: unit, over: -6...6) < 2)
    #expect(
      error(
        { Double(nnq_sigmoid_f32(Float($0))) }, { 1 / (1 + exp(-$0)) }, unit: unit, over: -80...80)
        < 2)
  }

  @Test("exp, tanh, sigmoid and erf in binary64 are within 3 units in the last place")
  func double() {
    // The C library itself errs by less than one.
    let unit = 0x1p-52
    #expect(error(nnq_exp_nonpositive_f64, exp, unit: unit, over: -700...0) < 3)
    #expect(error(nnq_tanh_f64, tanh, unit: unit, over: -22...22) < 3)
    #expect(error(nnq_erf_f64, erf, unit: unit, over: -7...7) < 3)
    #expect(error(nnq_sigmoid_f64, { 1 / (1 + exp(-$0)) }, unit: unit, over: -700...700) < 3)
  }

  @Test("at their ends the functions keep their limits, and a NaN stays one")
  func ends() {
    #expect(nnq_exp_nonpositive_f32(-1000) == 0 && nnq_exp_nonpositive_f32(0) == 1)
    #expect(nnq_exp_nonpositive_f32(-.infinity) == 0)
    #expect(nnq_tanh_f32(.infinity) == 1 && nnq_tanh_f32(-.infinity) == -1)
    #expect(nnq_erf_f32(.infinity) == 1 && nnq_erf_f64(-.infinity) == -1)
    #expect(nnq_sigmoid_f32(-.infinity) == 0 && nnq_sigmoid_f32(.infinity) == 1)
    for value in [
      nnq_exp_nonpositive_f32(.nan), nnq_tanh_f32(.nan), nnq_erf_f32(.nan), nnq_sigmoid_f32(.nan),
    ] { #expect(value.isNaN) }
  }

  @Test("every activation is its definition", arguments: Activation.Kind.allCases)
  func activations(kind: Activation.Kind) {
    let activation = Activation(kind)
    var plan = LayerPlan(operation: .dense, inputs: 1, outputs: 1)
    plan.activation = activation
    let z = Vector<Double>((-400...400).map { Double($0) / 40 })
    let y = Vector<Double>(zeros: z.count)
    y.setValues(of: plan.function, at: z)
    for index in 0..<z.count {
      let right = DoubleNetwork.value(of: activation, at: z[index])
      // The slope of a leaky relu is a binary32; a gelu's tail is a difference of numbers near 1.
      #expect(abs(y[index] - right) <= 1e-14 * max(1, abs(z[index])))
    }
  }
}
