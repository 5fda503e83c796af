// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQFormat
import NNQRuntime

/// What each layer of a network takes, with the weights in the cache where the network finds them.
///
/// Every layer is a network of its own. They run one after the other, as in the whole, and each is
/// timed for itself: one call, or so many of a short one that the clock can tell. An add has no time: it
/// takes a tensor that is not its neighbour's.
final class LayerTimes {
  struct Result {
    let index: Int
    let layer: RuntimeLayer
    let time: HostTime?

    var json: JSON {
      .object(
        [
          (key: "index", value: .integer(index)),
          (key: "op", value: .string(layer.operation.name)),
          (key: "inputs", value: .integer(layer.inputs)),
          (key: "outputs", value: .integer(layer.outputs)),
          (key: "weight_bits", value: .integer(layer.weightBits)),
        ] + HostTime.members(of: time))
    }
  }

  /// A timed stretch is no shorter than about this, some hundred times what a clock tells apart.
  private static let shortest: UInt64 = 4_000

  private let layers: [RuntimeLayer]
  private let batches: [TimedBatch?]
  /// One a layer: how often it runs in one timed stretch.
  private lazy var calls = batches.map { $0.map(Self.calls) ?? 0 }
  private var times: [[Double]]
  private let rows: Int

  init(_ image: FlatImage, rows: Int, kernel: KernelChoice) throws {
    self.rows = rows
    layers = try FirmwareRuntime(image: try image.serialized(), kernel: .scalar).layers
    var batches: [TimedBatch?] = []
    for index in image.layers.indices {
      batches.append(try TimedBatch(image, layer: index, rows: rows, kernel: kernel))
    }
    self.batches = batches
    times = layers.map { _ in [] }
  }

  /// Runs all layers so often that they take about so many nanoseconds.
  func measure(nanoseconds: UInt64) {
    let clock = (0..<100).map { _ in emptyTime() }.min() ?? 0
    let end = monotonicNanoseconds() + nanoseconds
    repeat {
      for (index, batch) in batches.enumerated() {
        guard let batch else { continue }
        let time = batch.nanoseconds(calls: calls[index])
        times[index].append(Double(time > clock ? time - clock : 0) / Double(calls[index]))
      }
    } while monotonicNanoseconds() < end
  }

  private static func calls(_ batch: TimedBatch) -> Int {
    var calls = 1
    while calls < 1 << 16,
      min(batch.nanoseconds(calls: calls), batch.nanoseconds(calls: calls)) < shortest
    {
      calls *= 2
    }
    return calls
  }

  func results(_ limit: HostLimit?) -> [Result] {
    zip(layers, times).enumerated().map { index, pair in
      let (layer, times) = pair
      let limit = limit.map { $0.nanoseconds(of: layer, rows: rows) }
      let time = HostTime(times, macs: layer.macs * rows, limit: limit)
      return Result(index: index, layer: layer, time: time)
    }
  }

  private func emptyTime() -> UInt64 {
    let start = monotonicNanoseconds()
    return monotonicNanoseconds() - start
  }
}

extension TimedBatch {
  /// A whole network.
  convenience init(_ image: FlatImage, rows: Int, kernel: KernelChoice) throws {
    var random = RandomSource(seed: 1)
    self.init(
      try FirmwareRuntime(image: try image.serialized(), kernel: kernel), rows: rows,
      random: { random.next() })
  }

  /// One layer of a network; nil for an add.
  fileprivate convenience init?(
    _ image: FlatImage, layer index: Int, rows: Int, kernel: KernelChoice
  ) throws {
    let layer = image.layers[index]
    guard layer.operation.kind != .add else { return nil }
    let output = FlatImage.Output(origin: 0, multiplier: 1 << 30, exponent: 0)
    let alone = FlatImage(
      inputs: layer.inputs, inputWidth: image.inputWidth(ofLayer: index), layers: [layer],
      task: .regression, probability: nil,
      outputs: Array(repeating: output, count: layer.outputs))
    try self.init(alone, rows: rows, kernel: kernel)
  }
}
