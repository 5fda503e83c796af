// SPDX-License-Identifier: Apache-2.0
import CNNQVector
import NNQFormat
import NNQReference
import NNQTestSupport
import Testing

@testable import NNQQuantize

/// The loops with a form for each CPU, against plain ones.
@Suite struct VectorTests {
  /// Fewer, as many and more rows, outputs and inputs than a tile has.
  private static let shapes = [1, 3, 4, 9].flatMap { rows in
    [1, 5, 15, 16, 17, 63, 64, 65, 130].flatMap { outputs in
      [1, 2, 7, 40].map { (rows, outputs, $0) }
    }
  }

  @Test("products of codes are the plain sums modulo 2^32")
  func codeProducts() {
    var random = TestRandom(seed: 1)
    for (rows, outputs, inputs) in Self.shapes {
      let codes = (0..<rows * inputs).map { _ in Int16.random(in: .min ... .max, using: &random) }
      let weights = (0..<outputs * inputs).map { _ in Int8.random(in: .min ... .max, using: &random)
      }
      var room = [Int16](repeating: 1, count: nnq_code_products_room(outputs, inputs))
      var sums = [Int32](repeating: 1, count: rows * outputs)
      unsafe nnq_code_products(codes, rows, weights, outputs, inputs, &room, &sums)
      for row in 0..<rows {
        for output in 0..<outputs {
          let plain = (0..<inputs).reduce(Int32(0)) {
            $0 &+ Int32(codes[row * inputs + $1]) &* Int32(weights[output * inputs + $1])
          }
          #expect(sums[row * outputs + output] == plain)
        }
      }
    }
  }

  @Test("products in binary32 are added in the order of the inputs, without those of 0")
  func floatProducts() {
    var random = TestRandom(seed: 2)
    for (rows, outputs, inputs) in Self.shapes + [(2, 20, 600)] {
      let values = (0..<rows * inputs).map { _ in
        Bool.random(using: &random) ? 0 : Float.random(in: -1...1, using: &random)
      }
      let columns = (0..<outputs * inputs).map { _ in Float.random(in: -1...1, using: &random) }
      // A sum of -0 stays one where nothing is added.
      let bias = (0..<rows * outputs).map {
        $0 % 3 == 0 ? -0.0 : Float.random(in: -1...1, using: &random)
      }
      var sums = bias
      unsafe nnq_float_products(values, rows, columns, inputs, outputs, &sums)
      for row in 0..<rows {
        for output in 0..<outputs {
          var plain = bias[row * outputs + output]
          for input in 0..<inputs where values[row * inputs + input] != 0 {
            plain += values[row * inputs + input] * columns[input * outputs + output]
          }
          #expect(sums[row * outputs + output].bitPattern == plain.bitPattern)
        }
      }
    }
  }

  @Test("requantized rows are what the definition gives", arguments: [1, 16, 19])
  func requantized(columns: Int) throws {
    var random = TestRandom(seed: 3)
    for shift in FixedPointMultiplier.shifts {
      let sums = (0..<3 * columns).map { _ in Int32.random(in: .min ... .max, using: &random) }
      let bias = (0..<columns).map { _ in Int32.random(in: -1 << 30...1 << 30, using: &random) }
      let multipliers = (0..<columns).map { _ in
        Int32.random(in: 1 << 30...Int32.max, using: &random)
      }
      var codes = [Int16](repeating: 0, count: sums.count)
      unsafe nnq_requantize(
        sums, 3, columns, bias, multipliers, Array(repeating: Int64(shift), count: columns), -7,
        -100, 120, &codes)
      for index in sums.indices {
        let column = index % columns
        let factor = try #require(
          FixedPointMultiplier(multiplier: multipliers[column], shift: shift))
        let code = -7 + requantize(Int64(bias[column] &+ sums[index]), factor)
        #expect(Int64(codes[index]) == min(max(code, -100), 120))
      }
    }
  }

  @Test("readings become the codes that a host gives them", arguments: [CodeWidth.eight, .sixteen])
  func inputCodes(width: CodeWidth) {
    var random = TestRandom(seed: 4)
    let columns = 11
    let rules = (0..<columns).map { column in
      Int8Model.Input(
        offset: Double(column) - 3, inverseScale: Double.random(in: 0.1...9, using: &random),
        zeroPoint: width == .eight ? Int32(column * 20 - 100) : 0)
    }
    var readings: [Float] = [
      0, -0.0, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, 1e9, -1e9,
    ]
    readings += (0..<60 * columns - 6).map { _ in Float.random(in: -40...40, using: &random) }
    var codes = [Int16](repeating: 0, count: readings.count)
    unsafe nnq_input_codes(
      readings, 60, columns, rules.map(\.offset), rules.map(\.inverseScale),
      rules.map(\.zeroPoint), Int32(width.range.lowerBound), Int32(width.range.upperBound), &codes)
    #expect(codes == readings.indices.map { rules[$0 % columns].code(readings[$0], width) })
  }

  @Test("signal to noise of codes is that of the values that they stand for")
  func noise() {
    var random = TestRandom(seed: 5)
    for columns in [1, 8, 13] {
      let exact = Rows(
        columns: columns, values: (0..<40 * columns).map { _ in Float(random.normal()) })
      let map = AffineCodes(scale: 0.03, zeroPoint: 5, width: .eight)
      let codes = Rows(columns: columns, values: exact.values.map { Int16(map.code(Double($0))) })
      #expect(
        signalToNoise(exact: exact, codes: codes, map)
          == signalToNoise(
            outputs: columns, exact: exact.values.map(Double.init), quantized: map.reals(codes)))
    }
  }

  @Test("the same rows are made by any number of threads", arguments: [1, 2, 3, 7])
  func parts(threads: Int) {
    let made = rowsInParts(10, columns: 2, products: 40_000_000, threads: threads) { rows in
      rows.flatMap { [$0, -$0] }
    }
    #expect(made == (0..<10).flatMap { [$0, -$0] })
  }
}
