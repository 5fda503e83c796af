// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQLinalg

/// A dense layer whose integers are trained.
///
/// Each weight has a number of its own in units of its code's step, which gradients move; the code is
/// what it rounds to. The gradient by the code is taken for that by the number, and is 0 where a sum
/// is clamped.
///
/// - Source: the straight-through estimator of Bengio et al. 2013, "Estimating or Propagating
///   Gradients Through Stochastic Neurons"; the integer forward pass of Jacob et al. 2018.
struct TunedLayer {
  private(set) var form: LayerForm
  let function: LayerFunction
  /// `[outputs][inputs]` in code steps, within the largest code.
  private let latent: Vector<Float>
  /// `[outputs]` in units of ``biasUnit`` accumulator steps, since the form was taken.
  private let shifts: Vector<Float>
  /// `[outputs][inputs]`
  let codes: Block<Float>
  /// The optimizer's, of weights, then of biases.
  private let weightMoments: (mean: Vector<Float>, square: Vector<Float>)
  private let biasMoments: (mean: Vector<Float>, square: Vector<Float>)

  init(_ form: LayerForm, _ layer: FloatModel.Layer) {
    self.form = form
    var slope = 0.0
    if case .leakyRelu(let given) = layer.activation { slope = Double(given) }
    function = LayerFunction(code: layer.activation.kind.rawValue, slope: slope)
    let count = form.inputs * form.outputs
    latent = Vector(zeros: count)
    shifts = Vector(zeros: form.outputs)
    codes = Block(rows: form.outputs, columns: form.inputs)
    weightMoments = (Vector(zeros: count), Vector(zeros: count))
    biasMoments = (Vector(zeros: form.outputs), Vector(zeros: form.outputs))
    place(layer.weights.map(Double.init))
  }

  /// Goes on with the integers of another form of the layer.
  mutating func adopt(_ next: LayerForm) {
    let numbers = latent.elements
    let real = numbers.indices.map { Double(numbers[$0]) * form.weightStep($0) }
    form = next
    place(real)
  }

  /// Takes the form's codes, and of the numbers that round to them those nearest to real weights.
  private func place(_ real: [Double]) {
    let largest = Float(form.largestCode)
    latent.set(
      real.indices.map { index in
        let code = Float(form.codes[index])
        let number = Float(real[index] / form.weightStep(index))
        guard number.isFinite else { return code }
        let inCell = min(max(number, code - Self.cell), code + Self.cell)
        return min(max(inCell, -largest), largest)
      })
    codes.values.set(form.codes.map { Float($0) })
    shifts.fill(0)
  }

  /// Half the width of the numbers that round to a code, a little inside.
  private static let cell: Float = 0.49

  /// `[outputs]` in accumulator steps.
  var bias: [Int] {
    zip(form.bias, shifts.elements).map { bias, shift in
      let moved = Double(bias) + (Double(shift) * biasUnit).rounded()
      // Far beyond what the quantizer takes, so that it and not this bound judges a bias.
      return Int(min(max(moved, -0x1p40), 0x1p40))
    }
  }

  /// What a code step of a common input adds, so that biases move about as much as weights do.
  private var biasUnit: Double {
    // About the deviation of codes that fill their range: 32 of 8 bits, a few thousand of 16.
    form.inputWidth == .eight ? 32 : 4096
  }

  // MARK: - Steps

  /// Moves the weights and biases against the gradient of a batch by at most about `rate` of a step.
  ///
  /// - Parameters:
  ///   - slope: `[rows][outputs]`, the gradient by the accumulators.
  ///   - offsets: `[rows][inputs]`, the input codes less their zero point.
  func move(
    slope: Block<Float>, offsets: Block<Float>, step: AdamStep, by method: ProductMethod
  ) {
    let gradient = Block<Float>(rows: form.outputs, columns: form.inputs)
    gradient.setProduct(columns: 0, of: slope, offsets, adding: false, by: method)
    step.move(latent, gradient.values, mean: weightMoments.mean, square: weightMoments.square)
    latent.clamp(to: Double(form.largestCode))
    let sums = Vector<Float>(zeros: form.outputs)
    slope.sumColumns(from: 0, into: sums, adding: false)
    sums.scale(by: biasUnit)
    step.move(shifts, sums, mean: biasMoments.mean, square: biasMoments.square)
    round()
  }

  /// The codes of the numbers.
  ///
  /// A row whose largest code was the largest of all keeps one there: its step then stays what it
  /// is when the row is quantized again. A number that a gradient without bounds spoilt goes back to
  /// its code.
  private func round() {
    let before = codes.values.elements
    var numbers = zip(latent.elements, before).map { $0.isFinite ? $0 : $1 }
    shifts.set(shifts.elements.map { $0.isFinite ? $0 : 0 })
    let largest = Float(form.largestCode)
    for row in 0..<form.outputs {
      let places = row * form.inputs..<(row + 1) * form.inputs
      guard form.reachesLargest[row] else { continue }
      var highest = places.lowerBound
      for place in places where abs(numbers[place]) > abs(numbers[highest]) { highest = place }
      let least = largest - Self.cell
      if abs(numbers[highest]) < least {
        numbers[highest] = numbers[highest] < 0 ? -least : least
      }
    }
    latent.set(numbers)
    codes.values.set(numbers.map { $0.rounded(.toNearestOrAwayFromZero) })
  }

  /// The float layer that computes what the integers stand for.
  func model(_ layer: FloatModel.Layer) -> FloatModel.Layer {
    let codes = codes.values.elements
    let weights = codes.indices.map { Float(Double(codes[$0]) * form.weightStep($0)) }
    var tuned = layer
    tuned.weights = weights
    tuned.bias = bias.enumerated().map { row, bias in
      Float(form.realBias(bias, row: row, weights: weights))
    }
    return tuned
  }
}
