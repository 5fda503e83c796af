// SPDX-License-Identifier: Apache-2.0

/// The counters of several quantities, each with as many places as the one with the most bins.
struct BinCounts<Value: BinaryFloatingPoint & BitwiseCopyable & Sendable>: Equatable, Sendable {
  /// The bins of a quantity: a power of two, so that a search takes the same steps for each.
  private let stride: Int
  /// `[quantities][stride]`: the edges, then infinity.
  private let edges: [Value]
  /// `[quantities][stride]`
  private(set) var counts: [UInt64]

  init(_ quantities: [StateQuantity]) {
    var stride = 2
    for quantity in quantities { while stride < quantity.bins { stride *= 2 } }
    self.stride = stride
    edges = quantities.flatMap { quantity in
      quantity.edges.map { Value($0) }
        + repeatElement(.infinity, count: stride - quantity.edges.count)
    }
    counts = [UInt64](repeating: 0, count: stride * quantities.count)
  }

  /// Counts a value that is not NaN.
  @inline(__always)
  mutating func add(_ value: Value, to quantity: Int) {
    let base = quantity &* stride
    var bin = 0
    var step = stride &>> 1
    // The number of edges that are not above the value, found without branches on it.
    while step > 0 {
      bin &+= edges[base &+ bin &+ step &- 1] <= value ? step : 0
      step &>>= 1
    }
    // A counter is never above the number of rows, which is capped.
    counts[base &+ bin] &+= 1
  }

  /// The counters of one quantity that has so many bins.
  func bins(_ quantity: Int, _ count: Int) -> ArraySlice<UInt64> {
    counts[quantity * stride..<quantity * stride + count]
  }

  mutating func setBins(_ quantity: Int, _ values: some Collection<UInt64>) {
    counts.replaceSubrange(quantity * stride..<quantity * stride + values.count, with: values)
  }

  /// Adds the counters of other rows; the sums were checked against the cap on rows.
  mutating func add(_ other: BinCounts) {
    for index in counts.indices { counts[index] &+= other.counts[index] }
  }
}
