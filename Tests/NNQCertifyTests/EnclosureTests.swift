// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQReference
import NNQTestSupport
import Testing

@testable import NNQCertify

/// Parts of a bound, each against what it must hold.
@Suite struct EnclosureTests {
  private static let allFunctions: [Activation] = [
    .identity, .relu, .tanh, .sigmoid, .leakyRelu(slope: 0.1), .leakyRelu(slope: -1.5), .relu6,
    .gelu, .geluTanh, .silu, .hardSwish,
  ]

  @Test("values, slopes and lines hold a function's values", arguments: allFunctions)
  func functions(function: Activation) {
    var random = TestRandom(seed: 21)
    for _ in 0..<400 {
      let size: Double = [0.01, 1, 8, 40].randomElement(using: &random) ?? 1
      let ends: [Double] = [random.normal() * size, random.normal() * size].sorted()
      let x = Interval(ends[0], ends[1])
      let (values, slopes) = (function.values(over: x), function.slopes(over: x))
      let line = Relaxation(function, over: x)
      var before: (place: Double, value: Double)?
      for step in 0...50 {
        let place = min(x.lower + (x.upper - x.lower) * Double(step) / 50, x.upper)
        let value = function(place)
        #expect(values.contains(value), "\(function) at \(place)")
        // A line's ends are computed values, which are off by 1e-13 of theirs.
        let rest = value - line.slope * place - line.center
        #expect(
          abs(rest) <= line.radius + 1e-12 * (abs(value) + abs(place)), "\(function) at \(place)")
        if let before, place - before.place > 1e-6 {
          let slope = (value - before.value) / (place - before.place)
          #expect(
            slopes.lower - 1e-6 <= slope && slope <= slopes.upper + 1e-6, "\(function) at \(place)")
        }
        before = (place, value)
      }
    }
  }

  @Test("the slopes that are given as the steepest are those of a fine grid")
  func steepest() {
    for function in Self.allFunctions {
      var (least, most) = (Double.infinity, -Double.infinity)
      for step in -40_000..<40_000 {
        let x = Double(step) / 2000
        let slope = (function(x + 0.0005) - function(x)) / 0.0005
        (least, most) = (min(least, slope), max(most, slope))
      }
      let slopes = function.slopes(over: Interval(-20, 20))
      #expect(slopes.lower <= least + 1e-9 && most - 1e-9 <= slopes.upper, "\(function)")
      #expect(slopes.lower >= least - 1e-2 && most + 1e-2 >= slopes.upper, "\(function)")
    }
  }

  @Test("operations on intervals round outward")
  func intervals() {
    let third = Interval(1) * Interval(1.0 / 3)
    #expect(third.lower < 1.0 / 3 && 1.0 / 3 < third.upper)
    let sum = Interval(1) + Interval(0x1p-60)
    #expect(sum.lower <= 1 && sum.upper > 1)
    let product = Interval(-2, 3) * Interval(-5, 7)
    #expect(product.contains(-15) && product.contains(21) && product.magnitude < 21.0001)
    #expect(Interval(1, 2).intersection(Interval(3, 4)) == nil)
    #expect(Interval(around: 1, radius: 2).contains(-1))
    #expect(Interval(0.1, 0.3).radius >= 0.3 - Interval(0.1, 0.3).center)
  }

  @Test("forms hold what is made of their symbols")
  func forms() {
    var random = TestRandom(seed: 22)
    let count = 5
    var forms = AffineForms(
      centers: (0..<count).map { _ in random.normal() },
      signal: Coefficients(diagonal: (0..<count).map { _ in abs(random.normal()) }),
      noise: Coefficients(diagonal: (0..<count).map { _ in abs(random.normal()) * 0.1 }),
      slack: (0..<count).map { _ in abs(random.normal()) * 0.01 })
    let weights = (0..<3 * count).map { _ in random.normal() }
    let product = forms.multiplied(by: weights, outputs: 3)
    for _ in 0..<500 {
      let symbols = (0..<3 * count).map { _ in Double.random(in: -1...1, using: &random) }
      let values = (0..<count).map { (row: Int) -> Double in
        let signal = forms.signal.row(row)[row * count + row] * symbols[row]
        let noise = forms.noise.row(row)[row * count + row] * symbols[count + row]
        return forms.centers[row] + signal + noise + forms.slack[row] * symbols[2 * count + row]
      }
      for row in 0..<3 {
        let sum = (0..<count).reduce(0.0) { $0 + weights[row * count + $1] * values[$1] }
        #expect(product.bounds[row].contains(sum))
      }
    }
    let other = forms
    forms.scale(by: [Double](repeating: -1, count: count))
    forms.add(other)
    // A number less itself: what has a symbol cancels, the slack of both stays.
    for (row, bounds) in forms.bounds.enumerated() {
      #expect(bounds.magnitude <= 2.001 * other.slack[row] + 1e-12)
    }
  }

  @Test("codes of random rows lie within the ranges of integer arithmetic")
  func codes() {
    var random = TestRandom(seed: 23)
    for depth in [1, 3, 6, 9] {
      for _ in 0..<6 {
        let image = sampleImageOfOperations(depth: depth, random: &random)
        let width = image.inputWidth.range
        let input = (0..<image.inputs).map { _ in
          let ends = [
            Int.random(in: width, using: &random), Int.random(in: width, using: &random),
          ].sorted()
          return ends[0]...ends[1]
        }
        let ranges = CodeRanges(image, input: input)
        let inference = Int8Inference(image)
        for _ in 0..<50 {
          let row = input.map { range in
            Int16(
              [range.lowerBound, range.upperBound, Int.random(in: range, using: &random)]
                .randomElement(using: &random) ?? range.lowerBound)
          }
          for (layer, codes) in inference.layerOutputs(row).enumerated() {
            for (unit, code) in codes.enumerated() {
              #expect(ranges.tensors[layer + 1][unit].contains(Int(code)))
            }
          }
        }
      }
    }
  }
}
