// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQTestSupport
import Testing

@testable import NNQState

@Suite struct DriftTests {
  private let probabilities = [0, 0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999, 1]

  private func drift(_ quantity: StateQuantity, _ values: [Float]) throws -> Drift {
    var bins = [UInt64](repeating: 0, count: quantity.bins)
    for value in values { bins[quantity.edges.count { $0 <= Double(value) }] += 1 }
    return try #require(Drift(quantity, isFeature: true, bins))
  }

  /// Quantiles as training takes them: linear between the two nearest of the sorted readings.
  private func quantity(_ values: [Float]) -> StateQuantity {
    let sorted = values.sorted()
    let quantiles = probabilities.map { probability in
      let position = probability * Double(sorted.count - 1)
      let below = Int(position)
      let (low, high) = (sorted[below], sorted[min(below + 1, sorted.count - 1)])
      return Float(Double(low) + Double(high - low) * (position - Double(below)))
    }
    return StateQuantity(name: "x", probabilities: probabilities, quantiles: quantiles)
  }

  @Test("the training rows themselves are steady, whatever their distribution", arguments: 0..<5)
  func steady(kind: Int) throws {
    var random = TestRandom(seed: 9)
    let values: [Float] = (0..<4000).map { _ in
      switch kind {
      case 0: Float(random.normal())
      case 1: Float(Int.random(in: 0...1, using: &random))
      case 2: Float(Int.random(in: 0..<7, using: &random))
      case 3: 5
      default: Int.random(in: 0..<10, using: &random) < 8 ? 0 : Float(random.normal())
      }
    }
    let drift = try drift(quantity(values), values)
    // A quantile lies between two readings, so a share may differ by one reading of 4000.
    #expect(drift.ks <= 1.0 / 4000 + 1e-9)
    #expect(drift.psi < 0.001)
    #expect(drift.level == .steady)
  }

  @Test("fresh rows of the same distribution are steady, shifted ones have drifted")
  func shifted() throws {
    var random = TestRandom(seed: 10)
    let profile = quantity((0..<4000).map { _ in Float(random.normal()) })
    let fresh = (0..<2000).map { _ in Float(random.normal()) }
    #expect(try drift(profile, fresh).level == .steady)
    let shifted = try drift(profile, fresh.map { $0 + 1 })
    #expect(shifted.level == .drifted)
    // Normal distributions one deviation apart differ by Phi(0.674) - Phi(-0.326) = 0.378 at the
    // upper quartile; three standard errors of shares of 2000 and 4000 rows are 0.042.
    #expect(abs(shifted.ks - 0.378) < 0.042)
    let few = try drift(profile, Array(fresh.prefix(5)).map { $0 + 0.5 })
    #expect(few.level == .steady)
  }

  @Test("index and distance of two states follow their definitions")
  func figures() {
    let quantity = StateQuantity(name: "x", edges: [0, 1, 2])
    let drift = Drift(
      quantity, isFeature: true, from: [10, 20, 30, 40], to: [40, 30, 20, 10], missing: (0, 0))
    // 2 * (0.3 * ln 4 + 0.1 * ln 1.5), and |0.3 - 0.7| below the edge in the middle.
    #expect(abs(drift.psi - 0.912869) < 1e-6)
    #expect(abs(drift.ks - 0.4) < 1e-12)
    #expect(abs(drift.ksByChance - 1.628 * 0.02.squareRoot()) < 1e-12)
    // Four bins hold something: the 99 % point of three degrees of freedom is 11.345.
    #expect(abs(drift.psiByChance / 0.02 - 11.345) < 0.12)
    #expect(drift.level == .drifted)
    let gone = Drift(
      quantity, isFeature: true, from: [10, 20, 30, 40], to: [1, 2, 3, 4], missing: (0, 90))
    #expect(gone.level == .drifted)
  }

  @Test("states of the same rows do not differ, and the largest drift comes first")
  func states() throws {
    let sample = try SampleState(.multiclass)
    let state = try sample.state(of: 0..<200)
    #expect(try state.drift(to: state).allSatisfy { $0.psi == 0 && $0.ks == 0 })
    let other = try sample.state(of: 0..<40)
    let drifts = try state.drift(to: other)
    #expect(drifts.map(\.psi) == drifts.map(\.psi).sorted(by: >))
    #expect(drifts.count == sample.layout.features.count + 1)
    #expect(state.driftFromProfile().count == sample.layout.features.count)
  }
}
